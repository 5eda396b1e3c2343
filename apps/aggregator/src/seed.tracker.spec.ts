import type { SeedProgress } from '@haunt/contracts';
import { SeedTracker } from './seed.tracker.js';

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 0, 1);
const job = (status: SeedProgress['status'], progress: number, at: number, message = 'words'): SeedProgress => ({
  symbol: 'btc',
  status,
  progress,
  message,
  at,
});

describe('seeding of a chart', () => {
  it.each<[string, number, SeedProgress[], number, boolean, string]>([
    ['nobody has tried', 50, [], 0, true, 'not_started'],
    ['complete by itself', 95, [], 0, false, 'complete'],
    ['a job runs', 50, [job('seeding', 30, T0)], 1, false, 'in_progress'],
    ['a job fell silent', 50, [job('seeding', 30, T0)], 6, true, 'not_started'],
    ['failed a moment ago', 50, [job('failed', 30, T0)], 4, false, 'failed'],
    ['failed, cooled down', 50, [job('failed', 30, T0)], 5, true, 'failed'],
    ['failed, but complete', 99, [job('failed', 30, T0)], 9, false, 'complete'],
    ['done, and still not complete', 50, [job('seeded', 100, T0)], 29, false, 'complete'],
    ['the same half an hour later', 50, [job('seeded', 100, T0)], 30, true, 'complete'],
    ['news that came late', 50, [job('seeded', 100, T0), job('seeding', 99, T0 - 1)], 1, false, 'complete'],
  ])('%s', (_, completeness, news, minutes, wants, status) => {
    const seeds = new SeedTracker();
    for (const progress of news) seeds.take(progress);
    const now = T0 + minutes * MINUTE;
    expect(seeds.wants('btc', completeness, now)).toBe(wants);
    expect(seeds.of('btc', completeness, now).status).toBe(status);
  });

  it('that was asked for is on its way as long as it waits for a seeder, and after five minutes is asked for again', () => {
    const seeds = new SeedTracker();
    seeds.take(job('failed', 0, T0 - 10 * MINUTE));
    seeds.ask('btc', T0);
    for (const now of [T0 + 1, T0 + 5 * MINUTE - 1]) {
      expect([seeds.wants('btc', 0, now), seeds.of('btc', 0, now).status]).toEqual([false, 'in_progress']);
      expect(seeds.state('btc', 0, now)).toMatchObject({ status: 'seeding', message: 'Waiting for a seeder' });
    }
    // Not for ever: whoever looks at it asks again, and while nobody does it is not said to be on its way.
    expect(seeds.of('btc', 0, T0 + 5 * MINUTE).status).toBe('failed');
    expect(seeds.wants('btc', 0, T0 + 5 * MINUTE)).toBe(true);
    seeds.withdraw('btc');
    expect(seeds.wants('btc', 0, T0 + 1)).toBe(true);
  });

  it('is told to people', () => {
    const seeds = new SeedTracker();
    expect(seeds.state('btc', 12.5, T0)).toMatchObject({
      status: 'not_seeded',
      message: '12 % of the last day is there',
    });
    seeds.ask('btc', T0);
    expect(seeds.state('btc', 12.5, T0)).toMatchObject({ status: 'seeding', message: 'Waiting for a seeder' });
    seeds.take(job('seeding', 40, T0, 'Fetching'));
    expect(seeds.state('btc', 12.5, T0)).toMatchObject({ status: 'seeding', progress: 40, message: 'Fetching' });
    seeds.take(job('seeded', 100, T0 + 1, 'All there'));
    expect(seeds.state('btc', 99, T0 + 1)).toMatchObject({ status: 'seeded', progress: 100, message: 'All there' });
  });
});

import { MemoryBus } from '@haunt/bus';
import type { SeedingProgress, SeedProgress } from '@haunt/contracts';
import { Clock } from '@haunt/platform';
import { SeedBoard } from './seed-board.js';

class HeldClock extends Clock {
  time = 1_700_000_000_000;
  override now(): number {
    return this.time;
  }
}

describe('what is known of seeding', () => {
  let clock: HeldClock;
  let board: SeedBoard;
  let told: (readonly [SeedingProgress['status'], number, string])[];
  const MESSAGE = 'Fetching';

  beforeEach(() => {
    clock = new HeldClock();
    board = new SeedBoard(new MemoryBus({ now: () => clock.time }), clock);
    told = [];
    board.onChange(({ status, progress, message }) => told.push([status, progress, message]));
  });

  /** A second later, unless it is said when. */
  const hear = (
    status: SeedProgress['status'],
    progress: number,
    at = (clock.time += 1_000),
    message = MESSAGE,
  ): number => {
    board.hear({ symbol: 'btc', status, progress, message, at });
    return at;
  };

  it('does not go back within a job, whatever comes late or twice', () => {
    hear('seeding', 0);
    const early = hear('seeding', 30);
    const late = hear('seeding', 50);
    hear('seeding', 30, early);
    hear('seeding', 50, late);
    hear('seeding', 40, undefined, 'Another provider');
    const end = hear('seeded', 100);
    hear('seeding', 50, late);
    hear('seeding', 99, end);
    hear('seeded', 100, end);
    expect(told).toEqual([
      ['seeding', 0, MESSAGE],
      ['seeding', 30, MESSAGE],
      ['seeding', 50, MESSAGE],
      ['seeding', 50, 'Another provider'],
      ['seeded', 100, MESSAGE],
    ]);
    expect(board.running('btc')).toBeUndefined();
    expect(board.latest('btc')).toMatchObject({ status: 'seeded', progress: 100 });
  });

  it('begins anew with another job, behind the end of the last or its silence', () => {
    hear('seeding', 60);
    hear('failed', 60);
    hear('seeding', 0);
    hear('seeding', 20);
    clock.time += 5 * 60_000;
    expect(board.running('btc')).toBeUndefined();
    hear('seeding', 5);
    expect(told.map(([status, progress]) => [status, progress])).toEqual([
      ['seeding', 60],
      ['failed', 60],
      ['seeding', 0],
      ['seeding', 20],
      ['seeding', 5],
    ]);
  });

  it('has what was asked for wait, until a seeder speaks, also one whose clock is behind', () => {
    board.queue('btc', 'next');
    expect(board.running('btc')).toMatchObject({ status: 'seeding', progress: 0, message: 'Waiting for a seeder' });
    hear('seeding', 10, clock.time - 30_000);
    board.queue('btc', 'next');
    expect(board.running('btc')).toMatchObject({ progress: 10, message: MESSAGE });
    expect(told).toHaveLength(2);
  });
});

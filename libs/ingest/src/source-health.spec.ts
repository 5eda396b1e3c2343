import { SourceHealth } from './source-health.js';

describe('source health', () => {
  let now: number;
  let lines: string[];
  let changes: string[];

  const make = (): SourceHealth => {
    const say = (_: object, message: string): void => void lines.push(message);
    return new SourceHealth({
      source: 'okx',
      instance: 'here:1',
      clock: { now: () => now },
      log: { info: say, warn: say },
      onChange: (health) => void changes.push(health.report().state),
    });
  };

  beforeEach(() => {
    now = 1_000_000;
    lines = [];
    changes = [];
  });

  it('connected is not fresh: stale 30 s after the last data of any pair, though the session lives', () => {
    const health = make();
    expect(health.report().state).toBe('connecting');
    health.live(true);
    expect(health.report().state).toBe('connecting');
    health.data(now);
    expect(health.report()).toMatchObject({ state: 'connected', since: now, lastDataAt: now });
    now += 30_000;
    health.check();
    expect(health.report().state).toBe('connected');
    now += 1;
    health.check();
    expect(health.report().state).toBe('stale');
    health.data(now);
    expect(health.report().state).toBe('connected');
    expect(changes).toEqual(['connected', 'stale', 'connected']);
    expect(lines).toEqual(['okx is connected', 'okx is stale', 'okx is connected']);
  });

  it('a session that never delivers becomes stale, too', () => {
    const health = make();
    health.live(true);
    now += 30_001;
    health.check();
    expect(health.report().state).toBe('stale');
  });

  it('a broken session is connecting, a failed attempt failing, with the error and the next attempt', () => {
    const health = make();
    health.live(true);
    health.data(now);
    health.broken('cut', now + 400);
    expect(health.report()).toMatchObject({
      state: 'connecting',
      lastError: { message: 'cut', at: now },
      nextAttemptAt: now + 400,
    });
    health.attemptFailed('refused', now + 900);
    expect(health.report()).toMatchObject({ state: 'failing', nextAttemptAt: now + 900 });
    now += 1_000;
    health.live(true);
    expect(health.report()).toMatchObject({ state: 'connected', lastError: { message: 'refused' } });
    expect(health.report().nextAttemptAt).toBeUndefined();
  });

  it('part of a source may wait for its next attempt while the rest works', () => {
    const health = make();
    health.live(true);
    health.data(now);
    health.trouble('one socket is gone', now + 500);
    health.live(false);
    expect(health.report()).toMatchObject({ state: 'connected', nextAttemptAt: now + 500 });
    health.live(true);
    expect(health.report().nextAttemptAt).toBeUndefined();
  });

  it('disabled says why, and nothing else changes that', () => {
    const health = make();
    health.disable('no API key: set COINMARKETCAP_API_KEY');
    health.attemptFailed('whatever', 1);
    expect(health.report()).toMatchObject({ state: 'disabled', reason: 'no API key: set COINMARKETCAP_API_KEY' });
    health.disable(undefined);
    expect(health.report().state).toBe('failing');
  });

  it('survives JSON without loss', () => {
    const health = make();
    health.simulated();
    health.refused = [{ symbol: 'foo', message: 'no' }];
    const report = health.report();
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report).toMatchObject({ simulated: true, instance: 'here:1', silent: [], unlisted: [] });
  });
});

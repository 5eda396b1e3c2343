import { Clock } from './clock.js';
import { Health } from './health.js';
import { Metrics } from './metrics.js';

class HandClock extends Clock {
  time = 1_000_000;
  override now(): number {
    return this.time;
  }
}

test('ready when every check says so, never while stopping', () => {
  const clock = new HandClock();
  const health = new Health(clock);
  let prices: true | string = 'no fresh price yet';
  health.add('bus', () => true);
  health.add('prices', () => prices);
  clock.time += 65_400;

  expect(health.readiness()).toEqual({ ready: false, checks: { bus: true, prices: 'no fresh price yet' } });
  expect(health.report()).toMatchObject({ status: 'degraded', uptime: 65, timestamp: '1970-01-01T00:17:45.400Z' });

  prices = true;
  expect(health.readiness().ready).toBe(true);
  expect(health.report()).toMatchObject({ status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string });

  health.stop();
  expect(health.readiness()).toMatchObject({ ready: false, checks: { process: 'shutting down' } });
  expect(health.report().status).toBe('down');
});

test('metrics carry the prefix, and asking twice gives the same one', async () => {
  const metrics = new Metrics();
  metrics.counter('ticks_total', 'Ticks taken.', ['source']).inc({ source: 'okx' }, 2);
  metrics.counter('ticks_total', 'Ticks taken.', ['source']).inc({ source: 'okx' });
  metrics.gauge('sources', 'Sources.', [], (gauge) => gauge.set(9));
  metrics.histogram('lag_seconds', 'Lag.', [0.1, 1]).observe(0.5);
  const page = await metrics.text();
  expect(page).toContain('haunt_ticks_total{source="okx"} 3');
  expect(page).toContain('haunt_sources 9');
  expect(page).toContain('haunt_lag_seconds_bucket{le="1"} 1');
  expect(page).toContain('nodejs_eventloop_lag_p99_seconds');
});

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
  metrics.counter('ingest_ticks_total').inc({ source: 'okx' }, 2);
  metrics.counter('ingest_ticks_total').inc({ source: 'okx' });
  metrics.collect('seed_jobs_running', (gauge) => gauge.set(9));
  const end = metrics.collect('partition_held', (gauge) => gauge.set({ partition: '0' }, 1));
  metrics.collect('partition_held', () => Promise.reject(new Error('Redis is away')));
  metrics.histogram('checkpoint_seconds').observe(0.5);
  const page = await metrics.text();
  expect(page).toContain('haunt_ingest_ticks_total{source="okx"} 3');
  expect(page).toContain('haunt_seed_jobs_running 9');
  expect(page).toContain('haunt_partition_held{partition="0"} 1');
  expect(page).toContain('haunt_checkpoint_seconds_bucket{le="0.5"} 1');
  expect(page).toMatch(/haunt_build_info{version="[\d.]+",node="[\d.]+"} 1/);
  expect(page).toContain('nodejs_eventloop_lag_p99_seconds');
  end();
  metrics.gauge('partition_held').remove({ partition: '0' });
  expect(await metrics.text()).not.toContain('haunt_partition_held{');
});

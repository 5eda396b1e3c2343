import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { builtApp } from './built.js';
import { Child } from './child.js';
import { OtlpCollector, type SeenSpan } from './otlp-collector.js';
import { describeRedis, freePort, RedisServer } from './redis-server.js';

const APPS = ['ingestor-coinbase', 'aggregator', 'gateway', 'seeder'] as const;
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

type Line = Readonly<Record<string, unknown>>;

describeRedis('one tick of one venue, followed through three processes', () => {
  const running = new Map<string, Child>();
  let redis: RedisServer;
  let collector: OtlpCollector;
  let url = '';

  const linesOf = (app: string, message: string): Line[] =>
    (running.get(app)?.stdout ?? [])
      .filter((line) => line.startsWith('{') && line.includes(message))
      .map((line) => JSON.parse(line) as Line);

  async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>, ms = 15_000): Promise<T> {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) {
      const found = await look();
      if (found !== undefined) return found;
    }
    throw new Error(
      `${what}: not within ${ms} ms; spans: ${collector.spans
        .map(({ name }) => name)
        .join(', ')
        .slice(0, 500)}`,
    );
  }

  const get = async <T>(path: string, headers: Record<string, string> = {}): Promise<T> => {
    const response = await fetch(url + path, { headers });
    return ((await response.json()) as { data: T }).data;
  };

  beforeAll(async () => {
    const files = new Map([...APPS, 'simulator'].map((app) => [app, builtApp(app)]));
    redis = await RedisServer.start();
    collector = await OtlpCollector.start();
    const simulator = new Child(files.get('simulator') ?? '', {
      PORT: String(await freePort()),
      SIM_SYMBOLS: 'btc,eth,sol',
      SIM_TRADES_PER_SECOND: '40',
    });
    running.set('simulator', simulator);
    await simulator.line(/^FEARGREED_REST_URL=/);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const env: Record<string, string> = {
      REDIS_URL: redis.url,
      PORT: String(port),
      SYMBOLS: 'btc,eth',
      LOG_LEVEL: 'trace',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER_ARG: '0.5',
    };
    for (const line of simulator.stdout) env[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
    for (const app of APPS) running.set(app, new Child(files.get(app) ?? '', env));
    const ready = async (): Promise<true | undefined> => {
      const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
      return answer?.ok === true ? true : undefined;
    };
    await until('a price', ready, 45_000);
  }, 60_000);

  afterAll(async () => {
    for (const child of running.values()) {
      child.kill('SIGKILL');
      await child.exit;
    }
    await collector.close();
    await redis.stop();
  });

  it('by the log: venue to batch, batch to prices, prices to sockets', async () => {
    const client = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    await new Promise((resolve) => client.once('open', resolve));
    client.send(JSON.stringify({ type: 'subscribe', assets: ['btc', 'eth'] }));
    const { entry: delivered, follows } = await until('prices delivered', () =>
      linesOf('gateway', '"prices delivered"').at(0),
    );
    client.terminate();

    const [topic, first, last] = String(follows).split(' ');
    expect(topic).toBe('ticks/0');
    // Three processes write, and what the last one wrote may be read first.
    const made = await until('prices written', () =>
      linesOf('aggregator', '"prices written"').find(({ entry }) => entry === delivered),
    );
    expect(made).toMatchObject({ partition: 0, follows });
    const written = await until('batches written', () => {
      const lines = linesOf('ingestor-coinbase', '"batch written"');
      const ends = lines.filter(({ entry }) => entry === first || entry === last);
      return ends.length > 0 ? ends : undefined;
    });
    for (const { source, batch } of written) {
      expect(source).toBe('coinbase');
      expect(made['batches']).toContain(batch);
    }
    const taken = linesOf('gateway', '"prices taken"').find(({ entry }) => entry === delivered);
    expect(taken?.['symbols']).toEqual(made['symbols']);
  });

  it('by the explanation of a price, which names the batch and the entries of both streams', async () => {
    const { trace } = await get<{ trace: { batch: string; entry: string } }>('/api/crypto/btc/explain');
    expect(trace).toMatchObject({ partition: 0, source: 'coinbase' });
    const written = await until('the batch', () =>
      linesOf('ingestor-coinbase', '"batch written"').find(({ batch }) => batch === trace.batch),
    );
    expect(written['entry']).toBe(trace.entry);
  });

  it('by a trace: ingestor, aggregator and gateway, each below the one before', async () => {
    const client = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    await new Promise((resolve) => client.once('open', resolve));
    client.send(JSON.stringify({ type: 'subscribe', assets: ['btc', 'eth'] }));
    const path = await until('a whole trace', () => {
      for (const deliver of collector.spans.filter(({ name }) => name === 'deliver prices')) {
        const chain: SeenSpan[] = [deliver];
        for (let above = deliver; above.parent !== ''; chain.unshift(above)) {
          const parent = collector.spans.find(({ id, trace }) => id === above.parent && trace === deliver.trace);
          if (parent === undefined) break;
          above = parent;
        }
        if (chain[0]?.parent === '') return chain;
      }
      return undefined;
    });
    client.terminate();
    expect(path.map(({ service, name }) => `${service}: ${name}`)).toEqual([
      'ingestor-coinbase: ingest batch',
      'aggregator: aggregate batch',
      'gateway: take prices',
      'gateway: deliver prices',
    ]);
    expect(path[1]?.fields['batch']).toBe(path[0]?.fields['batch']);
    expect(path.every(({ tookMs, failed }) => tookMs >= 0 && tookMs < 1_000 && !failed)).toBe(true);
  });

  it("goes on with the caller's own trace through a request and the question it asks, and leaves alone what the caller does not trace", async () => {
    const caller = '00f067aa0ba902b7';
    await get('/api/crypto/btc/explain', { traceparent: `00-${TRACE}-${caller}-01` });
    const answer = await until('the answer', () =>
      collector.spans.find(({ name, trace }) => trace === TRACE && name.startsWith('answer')),
    );
    const span = (name: string): SeenSpan | undefined =>
      collector.spans.find((one) => one.trace === TRACE && one.name === name);
    const request = await until('the request', () => span('GET /api/crypto/:id/explain'));
    const ask = await until('the question', () => span('ask price.explain'));
    expect(request).toMatchObject({ service: 'gateway', parent: caller });
    expect(request.fields['http.response.status_code']).toBe(200);
    expect(ask).toMatchObject({ service: 'gateway', parent: request.id });
    expect(answer).toMatchObject({ service: 'aggregator', name: 'answer price.explain', parent: ask.id });

    const untraced = TRACE.replace('4', '5');
    await get('/api/crypto/btc/explain', { traceparent: `00-${untraced}-${caller}-00` });
    await sleep(1_500);
    expect(collector.spans.filter(({ trace }) => trace === untraced)).toEqual([]);
  });

  it('goes on through the work queue: a seeding job and its requests', async () => {
    const trace = TRACE.replace('4', '6');
    const answer = await fetch(`${url}/api/crypto/seed`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: `00-${trace}-00f067aa0ba902b7-01` },
      body: JSON.stringify({ symbol: 'sol' }),
    });
    expect(answer.status).toBe(200);
    const page = await until('a request for history', () =>
      collector.spans.find((span) => span.trace === trace && span.name === 'history request'),
    );
    expect(page).toMatchObject({ service: 'seeder' });
    expect(String(page.fields['url'])).not.toContain('?');
  });

  it('and nothing is disturbed by a collector that refuses, is silent, or is gone', async () => {
    for (const status of [503, undefined]) {
      collector.status = status;
      const { requests } = collector;
      await until('it is asked', () => (collector.requests > requests ? true : undefined));
    }
    const versionNow = async (): Promise<number> => (await get<{ version: number }>('/api/crypto/btc/quotes')).version;
    const version = await versionNow();
    await until('newer prices', async () => ((await versionNow()) > version ? true : undefined));
    for (const app of APPS) {
      const child = running.get(app);
      const began = Date.now();
      child?.kill('SIGTERM');
      expect(await child?.exit).toEqual({ code: 0, signal: null });
      expect(Date.now() - began).toBeLessThan(6_000);
    }
  }, 30_000);
});

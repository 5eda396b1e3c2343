import type { SeedingProgress, SeedProgress } from '@haunt/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import { connectIo, type IoClient, RawClient } from '../../test/clients.js';
import { type GatewayUnderTest, startGateway } from '../../test/gateway-under-test.js';
import { Fanout } from './fanout.js';
import { LiveClient } from './roster.js';
import { PACE_MS, SeedingFeed } from './seeding-feed.js';

describe('seeding progress', () => {
  let gateway: GatewayUnderTest;
  const raws: RawClient[] = [];
  const sockets: IoClient[] = [];
  let at = Date.now();

  const tell = async (symbol: string, progress: number, more: Partial<SeedProgress> = {}): Promise<void> => {
    const message = `At ${progress}`;
    await gateway.bus.publish('seed.progress', { symbol, status: 'seeding', progress, message, at: ++at, ...more });
    await gateway.publish({ symbol: 'other', price: 1 });
  };
  const raw = async (...assets: string[]): Promise<RawClient> => {
    const client = await RawClient.connect(gateway.wsUrl);
    raws.push(client);
    if (assets.length > 0) await client.ask({ type: 'subscribe', assets });
    return client;
  };
  const progressOf = (client: RawClient): SeedingProgress[] =>
    client.received.flatMap((message) => (message.type === 'seeding_progress' ? [message.data] : []));

  beforeAll(async () => (gateway = await startGateway()));
  afterEach(() => {
    for (const client of raws.splice(0)) client.close();
    for (const socket of sockets.splice(0)) socket.disconnect();
  });
  afterAll(() => gateway.close());

  it('goes to those who watch the asset, and never back', async () => {
    const client = await raw('btc');
    const other = await raw('eth');
    const silent = await raw();
    const { socket, events } = await connectIo(gateway.url);
    sockets.push(socket);
    await socket.emitWithAck('subscribe', { assets: ['1'], batch: true });
    await tell('btc', 0);
    const before = at;
    for (const progress of [10, 35, 30, 70]) await tell('btc', progress);
    await client.until(() => progressOf(client).at(-1)?.progress === 70);
    await tell('btc', 20, { at: before });
    await tell('btc', 100, { status: 'seeded', message: 'All there' });
    await client.until(() => progressOf(client).at(-1)?.status === 'seeded');
    await tell('btc', 70, { at: before });
    await pause(PACE_MS + 50);
    const got = progressOf(client);
    expect(got[0]).toEqual({ symbol: 'btc', status: 'seeding', progress: 0, message: 'At 0' });
    expect(got.at(-1)).toEqual({ symbol: 'btc', status: 'seeded', progress: 100, message: 'All there' });
    expect(got.map(({ progress }) => progress)).toEqual(got.map(({ progress }) => progress).sort((a, b) => a - b));
    expect(events.filter(([name]) => name === 'seeding_progress').map(([, data]) => data)).toEqual(got);
    expect([progressOf(other), silent.received]).toEqual([[], []]);
    await tell('btc', 0);
    await client.until(() => progressOf(client).at(-1)?.progress === 0);
  });

  it('is told at once to whoever comes while a job runs, behind the answer and the price', async () => {
    await gateway.publish({ symbol: 'eth', price: 3_000 });
    await tell('eth', 42);
    const client = await raw();
    client.say({ type: 'subscribe', assets: ['ETH', 'sol'] });
    await client.until(() => client.received.length === 3);
    expect(client.received).toMatchObject([
      { type: 'subscribed', assets: ['eth', 'sol'] },
      { type: 'price_update', data: { symbol: 'eth' } },
      { type: 'seeding_progress', data: { symbol: 'eth', status: 'seeding', progress: 42, message: 'At 42' } },
    ]);
    expect(await client.ask({ type: 'subscribe', assets: ['eth'] })).toEqual([{ type: 'subscribed', assets: [] }]);
    await tell('eth', 100, { status: 'seeded' });
    await client.until(() => progressOf(client).length === 2);
    const late = await raw('eth');
    await late.ask({ type: 'ping' });
    expect(progressOf(late)).toEqual([]);
  });

  it('comes under the name a client knows the asset by, and no more once it has left', async () => {
    const client = await raw('MATIC');
    await tell('pol', 5);
    await client.until(() => progressOf(client).length === 1);
    expect(progressOf(client)[0]?.symbol).toBe('matic');
    const late = await raw();
    late.say({ type: 'subscribe', assets: ['matic'] });
    await late.until(() => progressOf(late).length === 1);
    expect(progressOf(late)[0]).toMatchObject({ symbol: 'matic', progress: 5 });
    await client.ask({ type: 'unsubscribe' });
    await tell('pol', 100, { status: 'failed' });
    await late.until(() => progressOf(late).length === 2);
    await client.ask({ type: 'ping' });
    expect(progressOf(client)).toHaveLength(1);
  });
});

it('a job that ran before this gateway came is known to it', async () => {
  const job: SeedProgress = {
    symbol: 'btc',
    status: 'seeding',
    progress: 60,
    message: 'Hours',
    at: Date.now() - 1_000,
  };
  const published: Promise<unknown>[] = [];
  const gateway = await startGateway({}, (bus) => void published.push(bus.publish('seed.progress', job)));
  await Promise.all(published);
  await gateway.publish();
  const client = await RawClient.connect(gateway.wsUrl);
  client.say({ type: 'subscribe', assets: ['btc'] });
  await client.until(() => client.received.some(({ type }) => type === 'seeding_progress'));
  client.close();
  await gateway.close();
});

it('many steps give way to the last, and a client that did not read gets it later', () => {
  jest.useFakeTimers();
  const fanout = new Fanout(() => undefined);
  const written: string[] = [];
  const client = new LiveClient({
    format: 'ws',
    write: (frames) => void written.push(...frames.map(({ text }) => text)),
    backlog: () => 0,
    close: () => undefined,
  });
  fanout.watch(client, 'btc', 0);
  let latest: SeedingProgress | undefined;
  const feed = new SeedingFeed(
    { clients: [client], post: (to, frame) => fanout.post(to, frame), settle: () => fanout.flush(0) },
    () => latest,
    () => latest,
  );
  const hear = (progress: number, status: SeedingProgress['status'] = 'seeding'): void =>
    feed.hear((latest = { symbol: 'btc', status, progress, message: '' }));
  const told = (): number[] =>
    written.splice(0).map((text) => (JSON.parse(text) as { data: SeedingProgress }).data.progress);

  for (let progress = 0; progress <= 50; progress++) hear(progress);
  expect(told()).toEqual([0]);
  jest.advanceTimersByTime(PACE_MS);
  expect(told()).toEqual([50]);
  for (let progress = 51; progress < 100; progress++) hear(progress);
  hear(100, 'seeded');
  expect(told()).toEqual([100]);
  jest.advanceTimersByTime(10 * PACE_MS);
  expect(told()).toEqual([]);

  client.behindSince = 1;
  hear(1);
  jest.advanceTimersByTime(PACE_MS);
  hear(2);
  feed.caughtUp(client);
  expect(told()).toEqual([]);
  client.behindSince = undefined;
  feed.caughtUp(client);
  feed.caughtUp(client);
  fanout.flush(0);
  expect(told()).toEqual([2]);
  feed.close();
  jest.useRealTimers();
});

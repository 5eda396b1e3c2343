import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Metrics } from '@haunt/platform';
import { WebSocket } from 'ws';
import { connectIo, type IoClient, RawClient } from '../../test/clients.js';
import { type GatewayUnderTest, sourceStatus, startGateway } from '../../test/gateway-under-test.js';

describe('live clients', () => {
  let gateway: GatewayUnderTest;
  const raws: RawClient[] = [];
  const sockets: IoClient[] = [];
  const raw = async (): Promise<RawClient> => {
    const client = await RawClient.connect(gateway.wsUrl);
    raws.push(client);
    return client;
  };
  const socketIo = async (transports?: string[]): ReturnType<typeof connectIo> => {
    const client = await connectIo(gateway.url, transports);
    sockets.push(client.socket);
    return client;
  };

  beforeAll(async () => (gateway = await startGateway()));
  afterEach(() => {
    for (const client of raws.splice(0)) client.close();
    for (const socket of sockets.splice(0)) socket.disconnect();
  });
  afterAll(() => gateway.close());

  describe('of /ws', () => {
    it('hear nothing before they speak, then the answer, then the price as the contract has it', async () => {
      await gateway.publish({
        price: 64_000.5,
        previousPrice: 64_000,
        change24h: -1.25,
        volume24h: 2e10,
        direction: 'up',
      });
      const client = await raw();
      await gateway.publish({ price: 64_001 });
      await pause(30);
      expect(client.received).toEqual([]);
      client.say({ type: 'subscribe', assets: ['BTC', 'btc', '1', ' Btc '] });
      await client.until(() => client.received.length === 2);
      expect(client.received[0]).toEqual({ type: 'subscribed', assets: ['btc'] });
      expect(client.received[1]).toEqual({
        type: 'price_update',
        data: {
          id: 'btc',
          symbol: 'btc',
          price: 64_001,
          source: 'coinbase',
          sources: ['coinbase', 'binance', 'kraken'],
          timestamp: expect.any(Number) as number,
          assetType: 'crypto',
          version: expect.any(Number) as number,
          status: 'normal',
        },
      });
      await gateway.publish({ price: 64_002, previousPrice: 64_001, change24h: 1, volume24h: 2, direction: 'down' });
      await client.until(() => client.received.length === 3);
      const more = { price: 64_002, previousPrice: 64_001, change24h: 1, volume24h: 2, tradeDirection: 'down' };
      expect(client.received[2]).toMatchObject({ type: 'price_update', data: more });
    });

    it('may subscribe again on every update without a loop, 25 times a second', async () => {
      await gateway.publish({ price: 1 });
      const client = await raw();
      client.ws.on('message', () => client.say({ type: 'subscribe', assets: ['btc'] }));
      client.say({ type: 'subscribe', assets: ['btc'] });
      await client.until(() => client.received.length > 100);
      expect(client.prices()).toHaveLength(1);
      const [first, ...others] = client.received.filter(({ type }) => type === 'subscribed');
      expect(first).toEqual({ type: 'subscribed', assets: ['btc'] });
      for (const other of others) expect(other).toEqual({ type: 'subscribed', assets: [] });
      expect(client.closed).toBeUndefined();
    });

    it('may unsubscribe from what they do not watch, from one, from everything', async () => {
      const client = await raw();
      expect(await client.ask({ type: 'unsubscribe', assets: ['btc'] })).toEqual([
        { type: 'unsubscribed', assets: [] },
      ]);
      await client.ask({ type: 'subscribe', assets: ['one', 'two', 'three'] });
      expect(await client.ask({ type: 'unsubscribe', assets: ['TWO', 'four'] })).toEqual([
        { type: 'unsubscribed', assets: ['two'] },
      ]);
      expect(await client.ask({ type: 'unsubscribe' })).toEqual([{ type: 'unsubscribed', assets: ['one', 'three'] }]);
      await gateway.publish({ symbol: 'one', price: 1 });
      expect(await client.ask({ type: 'ping' })).toEqual([{ type: 'pong', timestamp: expect.any(Number) as number }]);
    });

    it('hear of an unknown asset when it gets a price, and of a renamed one under the name they used', async () => {
      const client = await raw();
      await client.ask({ type: 'subscribe', assets: ['newcoin', 'MATIC'] });
      expect(client.received).toEqual([{ type: 'subscribed', assets: ['newcoin', 'matic'] }]);
      await gateway.publish({ symbol: 'newcoin', price: 7 }, { symbol: 'pol', price: 0.2 });
      await client.until(() => client.prices().length === 2);
      expect(client.prices().map(({ id, symbol, price }) => [id, symbol, price])).toEqual([
        ['newcoin', 'newcoin', 7],
        ['matic', 'matic', 0.2],
      ]);
    });

    it.each([
      ['{"type":"subscr', 'invalid_json', /not JSON/],
      ['[1,2]', 'invalid_message', /must be a JSON object.*an array/],
      ['null', 'invalid_message', /null/],
      ['{"assets":["btc"]}', 'invalid_message', /"type" must be a string.*missing/],
      ['{"type":7}', 'invalid_message', /it is 7/],
      ['{"type":"buy"}', 'unknown_type', /"buy".*subscribe, unsubscribe/],
      ['{"type":"constructor"}', 'unknown_type', /"constructor"/],
      ['{"type":"subscribe"}', 'invalid_assets', /"assets" of subscribe must be an array.*missing/],
      ['{"type":"subscribe","assets":"btc"}', 'invalid_assets', /the string "btc"/],
      ['{"type":"subscribe","assets":["btc",5]}', 'invalid_assets', /assets\[1\].*it is 5/],
      ['{"type":"subscribe","assets":[""]}', 'invalid_assets', /an empty string/],
      ['{"type":"unsubscribe","assets":{}}', 'invalid_assets', /an object/],
      ['{"type":"set_throttle"}', 'invalid_throttle', /whole number.*0 \(none\) to 60000.*missing/],
      ['{"type":"set_throttle","throttle_ms":"5"}', 'invalid_throttle', /the string "5"/],
      ['{"type":"set_throttle","throttle_ms":60001}', 'invalid_throttle', /60001/],
      ['{"type":"set_throttle","throttle_ms":-1}', 'invalid_throttle', /-1/],
      ['{"type":"set_throttle","throttle_ms":1.5}', 'invalid_throttle', /whole number.*1\.5/],
      ['{"type":"subscribe_movers","timeframe":60}', 'invalid_timeframe', /1m, 5m, 15m, 1h, 4h, 24h; it is 60/],
      ['{"type":"subscribe_movers","limit":0}', 'invalid_limit', /whole number, 1 to 50; it is 0/],
      ['{"type":"subscribe_movers","limit":"10"}', 'invalid_limit', /the string "10"/],
      ['{"type":"unsubscribe_movers","timeframe":[]}', 'invalid_timeframe', /an array/],
      [
        JSON.stringify({ type: 'subscribe', assets: Array.from({ length: 201 }, (_, i) => `c${i}`) }),
        'too_many_assets',
        /200/,
      ],
    ])('are told what is wrong with %s', async (text, code, sentence) => {
      const client = await raw();
      const answers = await client.ask(text);
      const message = expect.stringMatching(sentence) as string;
      expect(answers).toEqual([{ type: 'error', code, error: message, message }]);
      expect(await client.ask({ type: 'ping' })).toMatchObject([{ type: 'pong' }]);
    });

    it('are cut with a reason when they send errors only, and when a message is too large', async () => {
      const noisy = await raw();
      for (let i = 0; i < 100; i++) noisy.say('nonsense');
      await noisy.until(() => noisy.closed !== undefined);
      expect(noisy.closed).toEqual({ code: 1008, reason: 'too many errors' });
      expect(noisy.received.length).toBeLessThan(30);
      const codes = noisy.received.map((message) => message.type === 'error' && message.code);
      expect(codes.slice(-3)).toEqual(['invalid_json', 'invalid_json', 'too_many_errors']);
      expect(noisy.received.at(-1)).toMatchObject({ message: expect.stringMatching(/20 .* 10 s; .*closed/) as string });
      const large = await raw();
      large.say({ type: 'subscribe', assets: ['x'.repeat(70_000)] });
      await large.until(() => large.closed !== undefined);
      expect(large.closed).toEqual({ code: 1009, reason: 'a message has 65536 bytes at the most' });
    });

    it('get at most one update per interval, and the last one', async () => {
      const client = await raw();
      await client.ask({ type: 'set_throttle', throttle_ms: 100 });
      expect(client.received).toEqual([{ type: 'throttle_set', throttle_ms: 100 }]);
      await client.ask({ type: 'subscribe', assets: ['flood'] });
      for (let i = 1; i <= 60; i++) {
        await gateway.publish({ symbol: 'flood', price: i });
        await pause(5);
      }
      await client.until(() => client.prices('flood').at(-1)?.price === 60);
      expect(client.prices('flood')[0]?.price).toBe(1);
      expect(client.prices('flood').length).toBeLessThan(12);
    });

    it('never see an older price after a newer one', async () => {
      const client = await raw();
      await client.ask({ type: 'subscribe', assets: ['mono'] });
      await gateway.publish({ symbol: 'mono', price: 2, version: 5_000 });
      await gateway.publish({ symbol: 'mono', price: 1, version: 4_999 }, { symbol: 'mono', price: 3, version: 5_000 });
      await gateway.publish({ symbol: 'mono', price: 4, version: 5_001 });
      await client.until(() => client.prices('mono').length === 2);
      expect(client.prices('mono').map(({ price }) => price)).toEqual([2, 4]);
    });

    it('are not told when the same price is merely confirmed', async () => {
      const client = await raw();
      await gateway.publish({ symbol: 'calm', price: 5 });
      await client.ask({ type: 'subscribe', assets: ['calm'] });
      await gateway.publish({ symbol: 'calm', price: 5 }, { symbol: 'calm', price: 5, volume24h: 9 });
      await gateway.publish({ symbol: 'calm', price: 5, status: 'degraded' });
      await client.until(() => client.prices().length === 2);
      expect(client.prices().map(({ status }) => status)).toEqual(['normal', 'degraded']);
    });

    it('are told once when a price has gone stale, with a higher version', async () => {
      const client = await raw();
      await gateway.publish({ symbol: 'old', price: 5 });
      await client.ask({ type: 'subscribe', assets: ['old'] });
      await client.until(() => client.prices().length === 1);
      gateway.clock.offset = 31_000;
      try {
        await client.until(() => client.prices().length === 2);
        await pause(1_100);
      } finally {
        gateway.clock.offset = 0;
      }
      const [fresh, stale, ...more] = client.prices();
      expect(stale).toEqual({ ...fresh, status: 'stale', version: (fresh?.version as number) + 1 });
      expect(more).toEqual([]);
    });
  });

  describe('of Socket.IO', () => {
    it.each([[['websocket']], [['polling']], [['polling', 'websocket']]])(
      'over %s get the same',
      async (transports) => {
        await gateway.publish({ symbol: 'eth', price: 3_000 });
        const { socket, events } = await socketIo(transports);
        const answer = await socket.emitWithAck('subscribe', { assets: ['ETH', '1027', 'nope'] });
        expect(answer).toEqual({ assets: ['eth', 'nope'] });
        expect(await socket.emitWithAck('subscribe', { assets: ['eth'] })).toEqual({ assets: [] });
        await gateway.publish({ symbol: 'eth', price: 3_001 });
        while (events.length < 4) await pause(5);
        expect(events.slice(0, 4)).toMatchObject([
          ['subscribed', { assets: ['eth', 'nope'] }],
          ['price_update', { symbol: 'eth', price: 3_000 }],
          ['subscribed', { assets: [] }],
          ['price_update', { id: 'eth', symbol: 'eth', price: 3_001, assetType: 'crypto', status: 'normal' }],
        ]);
        expect(await socket.emitWithAck('set_throttle', { throttle_ms: 5 })).toEqual({ throttle_ms: 5 });
        expect(await socket.emitWithAck('unsubscribe', {})).toEqual({ assets: ['eth', 'nope'] });
        expect(await socket.emitWithAck('ping', {})).toEqual({ timestamp: expect.any(Number) as number });
        socket.disconnect();
      },
    );

    it('get arrays when they ask for batches', async () => {
      await gateway.publish({ symbol: 'b1', price: 1 });
      const { socket, events } = await socketIo();
      await socket.emitWithAck('subscribe', { assets: ['b1', 'b2'], batch: true });
      await gateway.publish({ symbol: 'b1', price: 2 }, { symbol: 'b2', price: 3 });
      while (events.length < 3) await pause(5);
      expect(events).toMatchObject([
        ['subscribed', { assets: ['b1', 'b2'] }],
        ['price_updates', [{ symbol: 'b1', price: 1 }]],
        [
          'price_updates',
          [
            { symbol: 'b1', price: 2 },
            { symbol: 'b2', price: 3 },
          ],
        ],
      ]);
    });

    it('keep their order when much is said at once', async () => {
      const { socket, events } = await socketIo();
      for (let i = 0; i < 50; i++) {
        socket.emit('subscribe', { assets: ['order'] });
        socket.emit('unsubscribe', { assets: ['order'] });
        await gateway.publish({ symbol: 'order', price: i + 1 });
      }
      await socket.emitWithAck('ping');
      let subscribed = false;
      for (const [name, body] of events) {
        if (name === 'subscribed') subscribed = (body as { assets: string[] }).assets.length > 0;
        else if (name === 'unsubscribed') subscribed = false;
        else if (name === 'price_update') expect(subscribed).toBe(true);
      }
    });

    it('are told what is wrong, in the acknowledgement and as an event', async () => {
      const { socket, events } = await socketIo();
      const answer = await socket.emitWithAck('subscribe', { assets: 'btc' as never });
      expect(answer).toMatchObject({
        code: 'invalid_assets',
        error: expect.stringMatching(/must be an array/) as string,
      });
      expect(await socket.emitWithAck('set_throttle', undefined as never)).toMatchObject({ code: 'invalid_message' });
      expect(await socket.emitWithAck('subscribe_movers', { limit: 51 })).toMatchObject({ code: 'invalid_limit' });
      (socket as unknown as { emit(name: string, body: unknown): void }).emit('error', { no: 'event' });
      await socket.emitWithAck('ping');
      const codes = events.filter(([name]) => name === 'error').map(([, body]) => (body as { code: string }).code);
      expect(codes).toEqual(['invalid_assets', 'invalid_message', 'invalid_limit', 'unknown_type']);
    });

    it.each([[['websocket']], [['polling']]])('over %s are told why they are cut', async (transports) => {
      const { socket, events } = await socketIo(transports);
      const left = new Promise((resolve) => socket.once('disconnect', (...why) => resolve(why)));
      for (let i = 0; i < 25; i++) socket.emit('set_throttle', { throttle_ms: -1 });
      const [reason, details] = (await left) as [string, { context?: { code: number; reason: string } } | undefined];
      // Not `io server disconnect`, after which a client would not come back by itself.
      expect(reason).toBe('transport close');
      expect(events.at(-1)).toMatchObject(['error', { code: 'too_many_errors' }]);
      if (transports[0] === 'polling') return;
      expect(details?.context).toMatchObject({ code: 1008, reason: 'too many errors' });
      const large = await socketIo(transports);
      const closed = new Promise((resolve) => large.socket.once('disconnect', (_reason, why) => resolve(why)));
      large.socket.emit('subscribe', { assets: ['x'.repeat(70_000)] });
      expect(await closed).toMatchObject({ context: { code: 1009, reason: 'a message has 65536 bytes at the most' } });
    });
  });

  it('says simulated on the upgrade when a source does', async () => {
    await gateway.bus.publish('source.status', sourceStatus({ source: 'okx', simulated: true }));
    await pause(5);
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
      const ws = new WebSocket(gateway.wsUrl);
      ws.on('upgrade', (response) => resolve(response.headers))
        .on('open', () => ws.terminate())
        .on('error', reject);
    });
    expect(headers['x-haunt-simulated']).toBe('1');
    await gateway.bus.publish('source.status', sourceStatus({ source: 'okx' }));
    await pause(5);
  });

  it('refuses a WebSocket at any other path at once, with a sentence', async () => {
    const refusal = await new Promise<string>((resolve) => {
      const ws = new WebSocket(gateway.wsUrl.replace('/ws', '/elsewhere'));
      ws.on('error', () => undefined).on('unexpected-response', (_request, response) => {
        response.on('data', (body: Buffer) => resolve(`${response.statusCode} ${body.toString()}`));
      });
    });
    expect(refusal).toMatch(/^404 .*"there is no WebSocket at \/elsewhere; .*\/ws/);
  });
});

/** A client's text frame; a mask of zeros leaves the text as it is. */
function masked(text: string): Buffer {
  const size = text.length < 126 ? [0x80 | text.length] : [0xfe, text.length >> 8, text.length & 0xff];
  return Buffer.concat([Buffer.from([0x81, ...size, 0, 0, 0, 0]), Buffer.from(text)]);
}

describe('limits and the end', () => {
  const gateways: GatewayUnderTest[] = [];
  const start = async (...config: Parameters<typeof startGateway>): Promise<GatewayUnderTest> => {
    const gateway = await startGateway(...config);
    gateways.push(gateway);
    return gateway;
  };
  afterEach(() => Promise.all(gateways.splice(0).map((gateway) => gateway.close())));

  it('refuses more connections than one address may hold', async () => {
    const gateway = await start({ connectionsPerAddress: 2 });
    const clients = [await RawClient.connect(gateway.wsUrl), await RawClient.connect(gateway.wsUrl)];
    await expect(RawClient.connect(gateway.wsUrl)).rejects.toThrow('429');
    await expect(connectIo(gateway.url)).rejects.toThrow('websocket error');
    clients[0]?.close();
    await pause(50);
    const third = await RawClient.connect(gateway.wsUrl);
    for (const client of [...clients, third]) client.close();
  });

  it('cuts a client that has stopped reading, and serves the others', async () => {
    const gateway = await start({ assetsPerClient: 100_000 });
    const good = await RawClient.connect(gateway.wsUrl);
    await good.ask({ type: 'subscribe', assets: ['btc'] });
    const slow = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    slow.on('error', () => undefined);
    slow.write(
      'GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await new Promise((resolve) => slow.once('data', resolve));
    slow.pause();
    // It asks and never reads: what the system does not take stays with the server, until that has had enough.
    const assets = Array.from({ length: 800 }, (_, i) => `coin-${i}`.padEnd(64, '-'));
    const back = Buffer.concat([
      masked(JSON.stringify({ type: 'subscribe', assets })),
      masked('{"type":"unsubscribe"}'),
    ]);
    const cut = async (): Promise<boolean> =>
      /haunt_gateway_slow_clients_cut_total 1\n/.test(await gateway.app.get(Metrics).text());
    for (let i = 0; i < 400 && !(await cut()); i++) {
      if (i < 200) slow.write(back);
      await pause(i < 200 ? 1 : 25);
    }
    expect(await cut()).toBe(true);
    await gateway.publish({ price: 1 });
    await good.until(() => good.prices().length === 1);
    slow.destroy();
    good.close();
  });

  it('takes leave of everybody when it ends: what was held back, a notice, and the code that says why', async () => {
    const gateway = await start();
    await gateway.publish({ price: 1 });
    const silent = await RawClient.connect(gateway.wsUrl);
    const raw = await RawClient.connect(gateway.wsUrl);
    const batched = await RawClient.connect(gateway.wsUrl);
    const { socket, events } = await connectIo(gateway.url);
    const polling = await connectIo(gateway.url, ['polling']);
    const heard = (): string[] =>
      [raw, batched].flatMap(({ received }) =>
        received.filter(({ type }) => type.startsWith('price_')).map(({ type }) => type),
      );
    for (const client of [raw, batched]) {
      client.say({ type: 'subscribe', assets: ['btc'], batch: client === batched });
      client.say({ type: 'set_throttle', throttle_ms: 60_000 });
    }
    for (const io of [socket, polling.socket]) {
      io.emit('subscribe', { assets: ['btc'] });
      await io.emitWithAck('set_throttle', { throttle_ms: 60_000 });
    }
    await batched.until(() => batched.received.some(({ type }) => type === 'throttle_set'));
    await raw.until(() => raw.received.some(({ type }) => type === 'throttle_set'));
    await gateway.publish({ price: 2 });
    await gateway.publish({ price: 3 });
    await pause(100);
    expect(heard()).toEqual(['price_update', 'price_updates']);

    const left = [socket, polling.socket].map((io) => new Promise((resolve) => io.once('disconnect', resolve)));
    const started = Date.now();
    await gateway.close();
    for (const client of [silent, raw, batched]) {
      await client.until(() => client.closed !== undefined);
      expect(client.closed).toEqual({ code: 1012, reason: 'service restart' });
    }
    expect(silent.received).toEqual([]);
    const notice = { retryAfterMs: expect.any(Number) as number };
    const last = { price: 3 };
    expect(raw.received.slice(-2)).toMatchObject([
      { type: 'price_update', data: last },
      { type: 'restarting', data: notice },
    ]);
    expect(batched.received.slice(-2)).toMatchObject([
      { type: 'price_updates', data: [last] },
      { type: 'restarting', data: notice },
    ]);
    // Not `io server disconnect`, after which a client would not come back by itself.
    expect(await Promise.all(left)).toEqual(['transport close', 'transport close']);
    for (const got of [events, polling.events]) {
      expect(got.slice(-2)).toMatchObject([
        ['price_update', last],
        ['restarting', notice],
      ]);
    }
    expect(Date.now() - started).toBeLessThan(1_500);
  });

  it('serves everybody until it is their turn to go', async () => {
    const gateway = await start({ shutdownMs: 600_000 });
    await gateway.publish({ price: 1 });
    const clients = await Promise.all(Array.from({ length: 400 }, () => RawClient.connect(gateway.wsUrl)));
    for (const client of clients) client.say({ type: 'subscribe', assets: ['btc'] });
    for (const client of clients) await client.until(() => client.prices().length === 1);
    const closed = gateway.close();
    await pause(150);
    await gateway.publish({ price: 2 });
    await closed;
    for (const client of clients) await client.until(() => client.closed !== undefined);
    const served = clients.filter((client) => client.prices().at(-1)?.price === 2).length;
    expect(served).toBeGreaterThan(100);
    expect(served).toBeLessThan(400);
    for (const client of clients) expect(client.received.at(-1)).toMatchObject({ type: 'restarting' });
  });
});

import { Client, Stage, settled } from './spec-client.js';

/** Each fake venue treats a client that breaks its rules as the real one does. */
describe('rules', () => {
  let stage: Stage;
  const open = async (options?: Parameters<typeof Stage.open>[0]): Promise<Stage> =>
    (stage = await Stage.open(options));
  afterEach(() => stage.close());

  describe('coinbase', () => {
    const subscribe = (products: string[], channels: unknown[] = ['matches']): object => ({
      type: 'subscribe',
      product_ids: products,
      channels,
    });

    it('cuts who does not subscribe within 5 s, and nobody else', async () => {
      await open();
      const [late, prompt] = [await stage.client('coinbase'), await stage.client('coinbase')];
      await prompt.send(subscribe(['BTC-USD']));
      await stage.pass(5100);
      expect([late.closedWith, prompt.closedWith]).toEqual([1008, undefined]);
      expect(stage.broken).toEqual(['coinbase subscribe-within']);
    });

    it('refuses all products for the sake of one', async () => {
      await open();
      const client = await stage.client('coinbase');
      await client.send(subscribe(['BTC-USD', 'NOPE-USD']));
      await stage.pass(1000);
      expect(client.texts).toEqual([
        '{"type":"error","message":"Failed to subscribe","reason":"NOPE-USD is not a valid product"}',
      ]);
      await client.send(subscribe(['BTC-USD'], [{ name: 'heartbeat', product_ids: ['ETH-USD'] }, 'matches']));
      expect(JSON.parse(client.texts[1]!)).toMatchObject({
        type: 'subscriptions',
        channels: [
          { name: 'matches', product_ids: ['BTC-USD'] },
          { name: 'heartbeat', product_ids: ['ETH-USD'] },
        ],
      });
      expect(JSON.parse(client.texts[2]!)).toMatchObject({ type: 'last_match', product_id: 'BTC-USD' });
    });

    it('cuts after 100 messages in a second', async () => {
      await open();
      const client = await stage.client('coinbase');
      await client.send(
        ...Array.from({ length: 101 }, () => '{"type":"unsubscribe","product_ids":["BTC-USD"],"channels":["ticker"]}'),
      );
      expect(client.closedWith).toBe(1008);
      expect(stage.broken).toEqual(['coinbase messages']);
    });
  });

  describe('binance', () => {
    it('cuts after five messages in a second, pongs counted', async () => {
      await open();
      const client = await stage.client('binance');
      for (let id = 0; id < 5; id++) await client.send({ method: 'LIST_SUBSCRIPTIONS', id });
      expect(client.texts).toHaveLength(5);
      client.socket.pong();
      await settled();
      await settled();
      expect(client.closedWith).toBe(1008);
      expect(stage.broken).toEqual(['binance messages']);
    });

    it('pings every 20 s and cuts who does not answer for a minute', async () => {
      await open();
      const [mute, polite] = [await stage.client('binance'), await stage.client('binance')];
      polite.socket.on('ping', (data: Buffer) => polite.socket.pong(data));
      await stage.pass(62_000, 1000);
      expect([mute.closedWith, polite.closedWith]).toEqual([1008, undefined]);
    });

    it('accepts a symbol nobody trades and never sends anything for it', async () => {
      await open();
      const client = await stage.client('binance');
      await client.send({ method: 'SUBSCRIBE', params: ['nopeusdt@trade', 'BTCUSDT@trade'], id: 1 });
      await stage.pass(3000, 500);
      expect(client.texts).toEqual(['{"result":null,"id":1}']);
      expect(stage.broken).toEqual(['binance unlisted', 'binance unlisted']);
    });

    it('cuts the 1,025th stream', async () => {
      await open();
      const client = await stage.client('binance');
      const params = Array.from({ length: 1025 }, (_, at) => `x${at}usdt@trade`);
      await client.send({ method: 'SUBSCRIBE', params, id: 1 });
      await settled();
      expect(client.closedWith).toBe(1008);
    });

    it('ends every connection after 24 h, sooner on a scaled clock', async () => {
      await open({ timeScale: 1440 });
      const client = await stage.client('binance');
      await stage.pass(59_000);
      expect(client.closedWith).toBeUndefined();
      await stage.pass(1500);
      expect(client.closedWith).toBeDefined();
      expect(stage.broken).toContain('binance age');
    });

    it('speaks with and without envelope, and in microseconds where asked', async () => {
      await open({ tradesPerSecond: 2000 });
      const raw = await stage.client('binance', '/ws/btcusdt@trade?timeUnit=MICROSECOND');
      const combined = await stage.client('binance', '/stream?streams=btcusdt@trade/btcusdt@aggTrade');
      await stage.pass(200);
      const [a, b] = [JSON.parse(raw.texts[0]!), JSON.parse(combined.texts[0]!)] as [
        { T: number },
        { data: { T: number } },
      ];
      expect(Math.floor(a.T / 1000)).toBe(b.data.T);
      expect(combined.messages.map(({ type }) => type)).toContain('trade');
    });
  });

  describe('kucoin', () => {
    const subscribe = (topic: string): object => ({
      id: 7,
      type: 'subscribe',
      topic,
      privateChannel: false,
      response: true,
    });

    it('refuses a token that is unknown or was used', async () => {
      await open();
      const { data } = (await (await stage.rest('kucoin', '/api/v1/bullet-public', { method: 'POST' })).json()) as {
        data: { token: string; instanceServers: { endpoint: string; pingInterval: number }[] };
      };
      const path = `/endpoint?token=${encodeURIComponent(data.token)}&connectId=a`;
      expect(data.instanceServers[0]).toMatchObject({
        pingInterval: 18_000,
        endpoint: stage.simulator.addresses.kucoin.ws,
      });
      const [first, second, third] = [
        await stage.client('kucoin', path),
        await stage.client('kucoin', path),
        await stage.client('kucoin', '/endpoint?token=made-up'),
      ];
      expect(first.texts).toEqual(['{"id":"a","type":"welcome"}']);
      expect(second.texts).toEqual(['{"id":"a","type":"error","code":401,"data":"token is invalid"}']);
      expect([first.closedWith, second.closedWith, third.closedWith]).toEqual([undefined, 1008, 1008]);
    });

    it('refuses a token that is older than a day', async () => {
      await open({ timeScale: 1440 });
      const { data } = (await (await stage.rest('kucoin', '/api/v1/bullet-public', { method: 'POST' })).json()) as {
        data: { token: string };
      };
      stage.time += 60_001;
      const client = await stage.client('kucoin', `/endpoint?token=${encodeURIComponent(data.token)}`);
      expect(client.texts[0]).toContain('token is expired');
    });

    it('reports who speaks before the welcome, and serves it afterwards', async () => {
      await open();
      const { url } = (await stage.client('kucoin')).socket;
      const { data } = (await (await stage.rest('kucoin', '/api/v1/bullet-public', { method: 'POST' })).json()) as {
        data: { token: string };
      };
      const hasty = new Client(
        stage.clients[0]!.source,
        `${url.split('?')[0]}?token=${encodeURIComponent(data.token)}`,
      );
      stage.clients.push(hasty);
      await hasty.opened;
      await hasty.send(subscribe('/market/match:BTC-USDT'));
      expect(hasty.texts).toEqual([]);
      await stage.pass(20);
      expect(hasty.texts.map((text) => (JSON.parse(text) as { type: string }).type)).toEqual(['welcome', 'ack']);
      expect(stage.broken).toEqual(['kucoin welcome']);
    });

    it('counts topics: 100 in a request, 300 on a connection', async () => {
      const symbols = Array.from({ length: 170 }, (_, at) => `k${at}`);
      await open({ symbols });
      const pairs = stage.venue('kucoin').onlinePairs.map(({ id }) => id);
      const client = await stage.client('kucoin');
      const topic = (channel: string, from: number, to: number): object =>
        subscribe(`/market/${channel}:${pairs.slice(from, to).join(',')}`);
      await client.send(topic('match', 0, 101));
      expect(client.texts.at(-1)).toContain('limitation of 100 per time');
      await client.send(topic('match', 0, 100), topic('ticker', 0, 100), topic('snapshot', 0, 100));
      expect(client.texts.slice(-3)).toEqual([
        '{"id":"7","type":"ack"}',
        '{"id":"7","type":"ack"}',
        '{"id":"7","type":"ack"}',
      ]);
      await client.send(topic('match', 100, 101));
      expect(client.texts.at(-1)).toContain('limitation of 300 per session');
      await client.send(subscribe('/market/match:NOPE-USDT'));
      expect(client.texts.at(-1)).toContain('topic /market/match:NOPE-USDT is not found');
    });

    it('cuts who does not ping, and answers who does', async () => {
      await open();
      const [mute, polite] = [await stage.client('kucoin'), await stage.client('kucoin')];
      await stage.pass(18_000);
      await polite.send({ id: '5', type: 'ping' });
      expect(polite.texts.at(-1)).toContain('"type":"pong"');
      await stage.pass(11_000);
      expect([mute.closedWith, polite.closedWith]).toEqual([1008, undefined]);
    });

    it('refuses the 101st message in ten seconds without cutting', async () => {
      await open();
      const client = await stage.client('kucoin');
      await client.send(...Array.from({ length: 101 }, (_, id) => ({ id, type: 'ping' })));
      await settled();
      expect(client.texts.at(-1)).toContain('exceed max permits per 10 seconds');
      expect(client.closedWith).toBeUndefined();
    });
  });

  describe('okx', () => {
    it('cuts after 30 s in which neither side said anything, and answers ping as text', async () => {
      await open();
      const [mute, polite] = [await stage.client('okx'), await stage.client('okx')];
      await stage.pass(20_000);
      await polite.send('ping');
      await stage.pass(11_000);
      expect(polite.texts).toEqual(['pong']);
      expect([mute.closedWith, polite.closedWith]).toEqual([4004, undefined]);
    });

    it('refuses the 481st subscription request of an hour', async () => {
      await open();
      const client = await stage.client('okx');
      const frame = { op: 'subscribe', args: [{ channel: 'trades', instId: 'BTC-USDT' }] };
      await client.send(...Array.from({ length: 481 }, () => frame));
      await settled();
      expect(client.texts.at(-1)).toContain('"code":"60014"');
      expect(client.texts.filter((text) => text.includes('"event":"subscribe"'))).toHaveLength(480);
    });

    it('takes what exists of a request and names the rest', async () => {
      await open();
      const client = await stage.client('okx');
      await client.send({
        op: 'subscribe',
        args: [
          { channel: 'trades', instId: 'NOPE-USDT' },
          { channel: 'trades', instId: 'BTC-USDT' },
        ],
      });
      expect(client.texts).toHaveLength(3);
      expect(client.texts[0]).toContain('"code":"60018"');
      expect(client.texts[1]).toContain('"event":"subscribe"');
      expect(client.trades).toHaveLength(1);
    });

    it('refuses arguments above 64 KB', async () => {
      await open();
      const client = await stage.client('okx');
      await client.send(JSON.stringify({ op: 'subscribe', args: ['x'.repeat(65 * 1024)] }));
      await settled();
      expect(client.closedWith).toBe(1009);
    });

    it('refuses the fourth connection of a second with 429', async () => {
      await open();
      const clients = [
        await stage.client('okx'),
        await stage.client('okx'),
        await stage.client('okx'),
        await stage.client('okx'),
      ];
      expect(clients.map(({ status }) => status)).toEqual([undefined, undefined, undefined, 429]);
      expect(clients[3]!.headers).toMatchObject({ 'x-haunt-simulated': '1', 'retry-after': '1' });
      await stage.pass(1100);
      expect((await stage.client('okx')).status).toBeUndefined();
      expect(stage.broken).toEqual(['okx connects']);
    });
  });

  describe('bybit', () => {
    const subscribe = (...args: string[]): object => ({ req_id: '1', op: 'subscribe', args });

    it('refuses the eleventh argument of a frame, and takes ten', async () => {
      await open({ symbols: Array.from({ length: 30 }, (_, at) => `b${at}`) });
      const topics = stage.venue('bybit').onlinePairs.map(({ id }) => `publicTrade.${id}`);
      const client = await stage.client('bybit');
      await client.send(subscribe(...topics.slice(0, 11)));
      await client.send(subscribe(...topics.slice(0, 10)));
      expect(client.texts.map((text) => JSON.parse(text) as object)).toMatchObject([
        { success: false, ret_msg: 'args size >10', req_id: '1', op: 'subscribe' },
        { success: true, ret_msg: 'subscribe', req_id: '1', op: 'subscribe' },
      ]);
      expect(stage.broken).toEqual(['bybit args']);
    });

    it('refuses all of a frame for the sake of one topic, and names it', async () => {
      await open();
      const client = await stage.client('bybit');
      await client.send(subscribe('publicTrade.BTCUSDT', 'publicTrade.NOPEUSDT', 'tickers.MATICUSDT'));
      await client.send(subscribe('publicTrade.BTCUSDT', 'trades.BTCUSDT'));
      await stage.pass(3000, 500);
      expect(client.messages).toMatchObject([
        { message: 'Invalid symbol :[publicTrade.NOPEUSDT,tickers.MATICUSDT]', pairs: ['NOPEUSDT', 'MATICUSDT'] },
        { message: 'error:handler not found,topic:trades.BTCUSDT' },
      ]);
      await client.send(subscribe('publicTrade.BTCUSDT'));
      await client.send(subscribe('publicTrade.BTCUSDT'));
      expect(client.texts.at(-1)).toContain('error:already subscribed,topic:publicTrade.BTCUSDT');
      expect(stage.broken).toEqual(['bybit unlisted', 'bybit unlisted']);
    });

    it('refuses what makes the arguments of a connection longer than 21,000 characters', async () => {
      await open({ symbols: Array.from({ length: 1000 }, (_, at) => `averylongname${at}`) });
      const topics = stage.venue('bybit').onlinePairs.map(({ id }) => `publicTrade.${id}`);
      const client = await stage.client('bybit');
      for (let from = 0; from < 700; from += 10) await client.send(subscribe(...topics.slice(from, from + 10)));
      const refused = client.texts.filter((text) => text.includes('"success":false'));
      expect(refused[0]).toContain('args length >21000');
      expect(client.texts.length - refused.length).toBeGreaterThan(50);
      expect(new Set(stage.broken)).toEqual(new Set(['bybit arguments']));
    });

    it('answers pings in JSON, reports who leaves them out, and cuts after ten minutes without a word', async () => {
      await open();
      const [mute, polite] = [await stage.client('bybit'), await stage.client('bybit')];
      await stage.pass(20_000);
      await polite.send('{"op":"ping"}');
      expect(polite.messages).toEqual([{ type: 'alive' }]);
      await stage.pass(21_000);
      expect([mute.closedWith, polite.closedWith]).toEqual([undefined, undefined]);
      expect(stage.broken).toEqual(['bybit keep-alive']);
      await stage.pass(560_000);
      expect([mute.closedWith, polite.closedWith]).toEqual([1001, undefined]);
    });

    it('shuts out for ten minutes who asks 601 times within five seconds', async () => {
      await open();
      const ask = (): number => {
        const query = new URLSearchParams('category=spot&symbol=BTCUSDT&interval=1&limit=1');
        const request = { method: 'GET', path: '/v5/market/kline', query, headers: {}, host: '', remote: '127.0.0.1' };
        return stage.simulator.venues.bybit.answer(request)!.status;
      };
      const statuses = Array.from({ length: 601 }, ask);
      expect(statuses.indexOf(403)).toBe(600);
      stage.time += 599_000;
      expect(ask()).toBe(403);
      stage.time += 1000;
      expect(ask()).toBe(200);
      expect(stage.broken).toEqual(['bybit requests']);
    });
  });

  it('huobi pings in gzip every 5 s and cuts after two that were not answered', async () => {
    await open();
    const [mute, polite] = [await stage.client('huobi'), await stage.client('huobi')];
    polite.socket.on('message', () => {
      const { ping } = JSON.parse(polite.texts.at(-1)!) as { ping?: number };
      if (ping !== undefined) polite.socket.send(JSON.stringify({ pong: ping }));
    });
    await stage.pass(16_000, 1000);
    expect(polite.texts[0]).toMatch(/^{"ping":\d{13}}$/);
    expect([mute.closedWith, polite.closedWith]).toEqual([1003, undefined]);
    expect(stage.broken).toEqual(['huobi keep-alive']);
  });

  it.each([
    ['coingecko', '/api/v3/ping', 30, 429],
    ['kraken', '/0/public/Time', 20, 200],
    ['cryptocompare', '/data/pricemulti?api_key=k&fsyms=BTC&tsyms=USD', 50, 200],
  ] as const)('%s answers only so many requests', async (id, path, count, status) => {
    await open();
    for (let at = 0; at < count; at++) await (await stage.rest(id, path)).text();
    const refused = await stage.rest(id, path);
    expect(refused.status).toBe(status);
    expect(await refused.text()).toMatch(/limit/i);
    expect(stage.broken).toEqual([`${id} requests`]);
  });
});

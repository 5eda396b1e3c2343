import type { StreamSource } from '@haunt/sources';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net';
import { fakeTime, listing, pass, settle, toyHttp, toySource, ToyVenue, trade, until } from '../test/toy-venue.js';
import { type SessionEnd, StreamSession } from './stream-session.js';

describe('stream session', () => {
  let venue: ToyVenue;
  let session: StreamSession;
  let ends: SessionEnd[];
  let heard: string[];
  let cleanUp: (() => void)[];

  const connect = async (changes: Partial<StreamSource> = {}, url = venue.url): Promise<void> => {
    session = new StreamSession(
      {
        source: toySource(changes),
        http: toyHttp(() => ({})),
        clock: { now: () => Date.now() },
        rest: 'http://unused.invalid',
        ws: url,
      },
      listing('btc-usd'),
      {
        live: () => void heard.push('live'),
        data: (message) => void heard.push(message.type),
        refused: () => void heard.push('refused'),
        complaint: () => void heard.push('complaint'),
        reconnect: () => void heard.push('reconnect'),
        badFrame: () => void heard.push('bad'),
        simulated: () => void heard.push('simulated'),
        ended: (end) => void ends.push(end),
      },
    );
    session.start();
    if (url === venue.url) await until(() => venue.connections.length > 0 && venue.last.subscribed.size > 0);
    else await settle();
  };

  beforeEach(async () => {
    fakeTime();
    ends = [];
    heard = [];
    cleanUp = [];
    venue = new ToyVenue();
    await venue.open();
  });

  afterEach(async () => {
    session.close();
    for (const end of cleanUp) end();
    await venue.kill();
    jest.useRealTimers();
  });

  it('finds a silent socket within the silence it is allowed', async () => {
    await connect({ keepAlive: { by: 'server', silenceMs: 10_000 } });
    await pass(9_000);
    expect(ends).toEqual([]);
    await pass(2_000);
    expect(ends).toEqual([{ message: 'the socket was silent for 10000 ms' }]);
    await until(() => venue.last.closed);
  });

  it.each<[string, () => void]>([
    ['messages without data', () => venue.last.say({ type: 'alive' })],
    ['messages that cannot be read', () => venue.last.socket.send('garbage')],
    ['pings', () => venue.last.socket.ping()],
    ['pongs', () => venue.last.socket.pong()],
    ['a message that comes in pieces', () => venue.last.socket.send('[', { fin: false })],
  ])('takes %s for life', async (_, speak) => {
    await connect({ keepAlive: { by: 'server', silenceMs: 10_000 } });
    for (let i = 0; i < 5; i++) {
      speak();
      await settle();
      await pass(8_000);
    }
    expect(ends).toEqual([]);
    await pass(5_000);
    expect(ends).toHaveLength(1);
  });

  it('finds a half-open connection: the other side takes bytes and never answers', async () => {
    // A TCP relay that stops relaying is what a dead route looks like from here.
    const sockets: Socket[] = [];
    const relay = createTcpServer((from) => {
      const upstream = connectTcp(Number(new URL(venue.url).port), '127.0.0.1');
      sockets.push(from, upstream);
      cleanUp.push(
        () => from.destroy(),
        () => upstream.destroy(),
      );
      from.pipe(upstream);
      upstream.pipe(from);
    });
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    cleanUp.push(() => relay.close());
    const keepAlive = { by: 'client-ping', everyMs: 4_000, silenceMs: 10_000 } as const;
    await connect({ keepAlive }, `ws://127.0.0.1:${(relay.address() as AddressInfo).port}`);
    venue.last.socket.on('ping', () => venue.last.socket.pong());
    await until(() => heard.length > 0);
    for (let i = 0; i < 10; i++) {
      await pass(4_000);
      await settle();
    }
    expect(ends).toEqual([]);
    for (const socket of sockets) {
      socket.unpipe();
      socket.resume();
    }
    await pass(12_000);
    expect(ends).toEqual([{ message: 'the socket was silent for 10000 ms' }]);
  });

  it('pings as the venue wants it, and answers its pings', async () => {
    const keepAlive = { by: 'client-frame', everyMs: 5_000, frame: () => 'ping', silenceMs: 60_000 } as const;
    await connect({ keepAlive });
    await pass(16_000);
    expect(venue.last.frames.slice(1)).toEqual(['ping', 'ping', 'ping']);
    venue.last.socket.ping('are you there');
    venue.last.say({ type: 'reply', frame: 'pong 7' });
    await until(() => venue.last.pongs.length === 1 && venue.last.frames.length === 5);
    expect(venue.last.pongs).toEqual(['are you there']);
    expect(venue.last.frames.at(-1)).toBe('pong 7');
  });

  it('obeys the limit of sends with everything it sends', async () => {
    const times: number[] = [];
    const limits = { ...toySource().limits, pairsPerFrame: 1, sends: { count: 5, windowMs: 1_000 } };
    const names = Array.from({ length: 30 }, (_, i) => `a${i}`);
    await connect({ limits, keepAlive: { by: 'client-frame', everyMs: 700, frame: () => 'ping', silenceMs: 60_000 } });
    venue.last.socket.on('message', () => times.push(Date.now()));
    venue.last.socket.on('pong', () => times.push(Date.now()));
    session.setPairs(listing(...names));
    for (let i = 0; i < 300; i++) {
      if (i % 10 === 0) venue.last.socket.ping(String(i));
      await pass(100, 20);
    }
    await until(() => venue.last.subscribed.size === 30);
    const windows = times.map((at) => times.filter((other) => other >= at && other < at + 1_000).length);
    expect(Math.max(...windows)).toBeLessThanOrEqual(5);
    expect(venue.last.pongs).toHaveLength(30);
    expect(ends).toEqual([]);
  });

  it('says how it ended: close code and reason', async () => {
    await connect();
    venue.last.socket.close(4003, 'too many topics');
    await until(() => ends.length === 1);
    expect(ends).toEqual([{ message: 'closed by the other side: 4003 too many topics' }]);
  });

  it('says how it ended: a message beyond the size limit', async () => {
    await connect();
    venue.last.socket.send('x'.repeat(9 * 1024 * 1024));
    await until(() => ends.length === 1);
    expect(ends[0]?.message).toMatch(/max payload size exceeded/i);
  });

  it('nothing of an ended session is heard any more', async () => {
    await connect();
    const { socket } = venue.last;
    venue.last.say(trade(1));
    await until(() => heard.includes('trade'));
    session.close();
    venue.last.say(trade(2));
    socket.close(1001);
    await settle();
    await pass(30_000);
    expect(heard).toEqual(['live', 'trade']);
    expect(ends).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  describe('a handshake', () => {
    let server: Server;
    let url: string;

    const serve = async (answer: (socket: Socket) => void): Promise<void> => {
      server = createServer();
      server.on('upgrade', (_, socket) => answer(socket as Socket));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    };

    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });

    it('that is refused tells the status, and how long to wait', async () => {
      await serve((socket) => {
        socket.end('HTTP/1.1 429 Too Many Requests\r\nretry-after: 30\r\ncontent-length: 0\r\n\r\n');
      });
      await connect({}, url);
      await until(() => ends.length === 1);
      expect(ends).toEqual([
        { message: 'the handshake was answered with HTTP 429 Too Many Requests', retryAfterMs: 30_000 },
      ]);
    });

    it('that is never answered ends', async () => {
      const open: Socket[] = [];
      await serve((socket) => void open.push(socket));
      await connect({}, url);
      await pass(9_000);
      expect(ends).toEqual([]);
      await pass(2_000);
      expect(ends).toEqual([{ message: 'the handshake was not answered within 10000 ms' }]);
      for (const socket of open) socket.destroy();
    });
  });
});

import type { LivePrice } from '@haunt/contracts';
import { Conversation, conversationRules } from './conversation.js';
import { FANOUT_RULES } from './deliveries.js';
import { Fanout } from './fanout.js';
import type { Format, Frame } from './frames.js';
import { MoversFeed } from './movers-feed.js';
import { LiveClient, type Wire } from './roster.js';

type Message = { type: string; assets?: string[]; code?: string; data?: LivePrice | LivePrice[] };

class TestWire implements Wire {
  sent: Message[] = [];
  writes = 0;
  unsent = 0;
  closed: { code: number; reason: string } | undefined;

  constructor(readonly format: Format = 'ws') {}

  write(frames: readonly Frame[], bytes: Buffer): void {
    this.writes++;
    if (!Buffer.concat(frames.map((frame) => frame.bytes)).equals(bytes))
      throw new Error('other bytes than the frames');
    for (const { text } of frames)
      this.sent.push(this.format === 'ws' ? (JSON.parse(text) as Message) : readPacket(text));
  }

  backlog(): number {
    return this.unsent;
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  /** What came since the last time, as `btc=5` for prices and the type for the rest. */
  take(): string[] {
    const taken = this.sent.map(({ type, data, assets }) => {
      if (Array.isArray(data)) return `[${data.map(({ symbol, price }) => `${symbol}=${price}`).join(' ')}]`;
      if (data !== undefined) return `${data.symbol}=${data.price}`;
      return assets === undefined ? type : `${type}(${assets.join(' ')})`;
    });
    this.sent = [];
    return taken;
  }
}

function readPacket(text: string): Message {
  const [type, body] = JSON.parse(text.slice(1)) as [string, object];
  return type.startsWith('price') ? { type, data: body as LivePrice } : { type, ...body };
}

/** A live core, its clock and its prices, in the hands of the test. */
class Stage {
  now = 1_000_000;
  private version = 0;
  private readonly prices = new Map<string, LivePrice>();
  readonly fanout = new Fanout((symbol) => this.prices.get(symbol));
  private readonly movers = new MoversFeed({ post: () => true, settle: () => undefined }, () => undefined);

  client(format: Format = 'ws'): { wire: TestWire; client: LiveClient; say: (message: object) => void } {
    const wire = new TestWire(format);
    const client = new LiveClient(wire);
    const conversation = new Conversation(
      client,
      this.fanout,
      this.movers,
      conversationRules(50),
      () => 0,
      () => undefined,
    );
    const say = (message: object): void => conversation.hear(() => message as never, this.now);
    return { wire, client, say };
  }

  price(symbol: string, price: number): void {
    const next = { id: symbol, symbol, price, version: ++this.version } as LivePrice;
    this.prices.set(symbol, next);
    this.fanout.publish(next, this.now);
  }

  turn(): void {
    this.fanout.flush(this.now);
  }

  pass(ms: number): void {
    for (let i = 0; i < ms; i++) {
      this.now++;
      this.fanout.advance(this.now);
      if (this.fanout.isDirty) this.turn();
    }
  }
}

const subscribe = (...symbols: string[]) => ({ type: 'subscribe', symbols, batch: false });
const batch = (...symbols: string[]) => ({ type: 'subscribe', symbols, batch: true });
const throttle = (throttleMs: number) => ({ type: 'set_throttle', throttleMs });

describe('the live core', () => {
  let stage: Stage;
  beforeEach(() => (stage = new Stage()));

  it('acknowledges first what is new, and then shows its price once', () => {
    stage.price('btc', 1);
    const { wire, say } = stage.client();
    say(subscribe('btc', 'nope'));
    expect(wire.take()).toEqual(['subscribed(btc nope)', 'btc=1']);
    say(subscribe('nope', 'btc', 'eth'));
    expect(wire.take()).toEqual(['subscribed(eth)']);
    stage.price('eth', 2);
    stage.price('nope', 3);
    stage.turn();
    expect(wire.take()).toEqual(['eth=2', 'nope=3']);
  });

  it('writes everything of one turn at once, and encodes it once', () => {
    const clients = [stage.client(), stage.client(), stage.client('io')];
    for (const { say } of clients) say(subscribe('btc', 'eth'));
    for (const { wire } of clients) wire.take();
    stage.price('btc', 1);
    stage.price('eth', 2);
    stage.price('btc', 3);
    const writes = clients.map(({ wire }) => wire.writes);
    stage.turn();
    for (const { wire } of clients) expect(wire.take()).toEqual(['btc=1', 'eth=2', 'btc=3']);
    expect(clients.map(({ wire }) => wire.writes)).toEqual(writes.map((before) => before + 1));
  });

  it('sends nothing after the answer to unsubscribe', () => {
    const { wire, say } = stage.client();
    say(subscribe('btc', 'eth'));
    wire.take();
    stage.price('btc', 1);
    say({ type: 'unsubscribe', symbols: undefined });
    stage.price('btc', 2);
    stage.turn();
    expect(wire.take()).toEqual(['btc=1', 'unsubscribed(btc eth)']);
    say({ type: 'unsubscribe', symbols: ['btc'] });
    expect(wire.take()).toEqual(['unsubscribed()']);
  });

  describe('with a throttle', () => {
    it('sends the first at once, then one per interval and asset, and always the last', () => {
      const { wire, say } = stage.client();
      say(throttle(100));
      say(subscribe('btc', 'eth'));
      wire.take();
      stage.price('btc', 1);
      stage.turn();
      expect(wire.take()).toEqual(['btc=1']);
      stage.pass(10);
      for (let price = 2; price <= 9; price++) stage.price('btc', price);
      stage.price('eth', 1);
      stage.turn();
      expect(wire.take()).toEqual(['eth=1']);
      stage.pass(89);
      expect(wire.take()).toEqual([]);
      stage.pass(6);
      expect(wire.take()).toEqual(['btc=9']);
      stage.pass(1_000);
      expect(wire.take()).toEqual([]);
      stage.price('btc', 10);
      stage.turn();
      expect(wire.take()).toEqual(['btc=10']);
    });

    it('counts the snapshot as the first', () => {
      stage.price('btc', 1);
      const { wire, say } = stage.client();
      say(throttle(100));
      say(subscribe('btc'));
      wire.take();
      stage.pass(50);
      stage.price('btc', 2);
      stage.turn();
      expect(wire.take()).toEqual([]);
      stage.pass(55);
      expect(wire.take()).toEqual(['btc=2']);
    });

    it('obeys a change at once, whatever is waiting', () => {
      const { wire, say } = stage.client();
      say(throttle(60_000));
      say(subscribe('btc'));
      stage.price('btc', 1);
      stage.price('btc', 2);
      stage.turn();
      wire.take();
      stage.pass(200);
      say(throttle(300));
      stage.turn();
      expect(wire.take()).toEqual(['throttle_set']);
      stage.pass(105);
      expect(wire.take()).toEqual(['btc=2']);
      stage.price('btc', 3);
      say(throttle(0));
      stage.turn();
      // What had been held back goes out in the same turn.
      expect(wire.take()).toEqual(['btc=3', 'throttle_set']);
      stage.price('btc', 4);
      stage.price('btc', 5);
      stage.turn();
      expect(wire.take()).toEqual(['btc=4', 'btc=5']);
    });

    it('does not wake for a client that has left', () => {
      const { wire, client, say } = stage.client();
      say(throttle(100));
      say(subscribe('btc'));
      stage.price('btc', 1);
      stage.price('btc', 2);
      stage.turn();
      wire.take();
      stage.fanout.disconnect(client);
      stage.pass(200);
      expect(wire.take()).toEqual([]);
      expect(stage.fanout.watchedAssets).toBe(0);
      expect(stage.fanout.isWaiting).toBe(false);
    });
  });

  describe('in batches', () => {
    it('sends the latest of everything that changed, one frame per flush, the same to all who watch the same', () => {
      const [one, two] = [stage.client('io'), stage.client('io')];
      one.say(batch('btc', 'eth'));
      two.say(batch('eth', 'btc'));
      one.wire.take();
      two.wire.take();
      stage.price('btc', 1);
      stage.price('eth', 2);
      stage.turn();
      expect(one.wire.take()).toEqual(['[btc=1 eth=2]']);
      expect(two.wire.take()).toEqual(['[btc=1 eth=2]']);
      stage.price('btc', 3);
      stage.pass(10);
      stage.price('btc', 4);
      expect(one.wire.take()).toEqual([]);
      stage.pass(FANOUT_RULES.batchMs);
      expect(one.wire.take()).toEqual(['[btc=4]']);
      expect(two.wire.take()).toEqual(['[btc=4]']);
      expect(stage.fanout.counts).toMatchObject({ delivered: { io: 6 }, conflated: 2 });
    });

    it('shows a newcomer what it has not seen, and nothing twice', () => {
      const old = stage.client();
      old.say(batch('btc', 'eth'));
      stage.price('btc', 1);
      stage.turn();
      stage.price('btc', 2);
      const late = stage.client();
      late.say(batch('btc', 'eth'));
      expect(late.wire.take()).toEqual(['subscribed(btc eth)', '[btc=2]']);
      stage.price('eth', 3);
      old.wire.take();
      stage.pass(FANOUT_RULES.batchMs + 10);
      expect(old.wire.take()).toEqual(['[btc=2 eth=3]']);
      expect(late.wire.take()).toEqual(['[eth=3]']);
    });

    it('loses nothing when a client changes what it watches, or how', () => {
      const { wire, say } = stage.client();
      say(batch('btc', 'eth'));
      stage.price('btc', 1);
      stage.turn();
      wire.take();
      stage.price('btc', 2);
      say(batch('sol'));
      expect(wire.take()).toEqual(['[btc=2]', 'subscribed(sol)']);
      stage.price('eth', 3);
      stage.turn();
      wire.take();
      stage.price('eth', 4);
      say(subscribe('eth'));
      stage.turn();
      expect(wire.take()).toEqual(['eth=4', 'subscribed()']);
      stage.price('eth', 5);
      stage.turn();
      stage.pass(200);
      expect(wire.take()).toEqual(['eth=5']);
    });

    it('flushes at the pace of a throttle', () => {
      const { wire, say } = stage.client();
      say(throttle(500));
      say(batch('btc'));
      wire.take();
      stage.pass(500);
      for (let i = 0; i < 100; i++) {
        stage.price('btc', i);
        stage.pass(10);
      }
      stage.pass(510);
      expect(wire.take().length).toBeLessThanOrEqual(4);
      expect(stage.fanout.isWaiting).toBe(false);
    });
  });

  describe('with a client that does not read', () => {
    it('keeps only the latest of each asset until it has read', () => {
      const { wire, client, say } = stage.client();
      say(subscribe('btc', 'eth'));
      say(batch('sol'));
      wire.take();
      wire.unsent = FANOUT_RULES.behindBytes + 1;
      stage.price('btc', 1);
      stage.turn();
      wire.take();
      for (let price = 2; price < 100; price++) {
        stage.price('btc', price);
        stage.price('eth', price);
        stage.price('sol', price);
        stage.pass(1);
      }
      stage.pass(100);
      expect(wire.take()).toEqual([]);
      wire.unsent = 0;
      stage.fanout.drained(client, stage.now);
      stage.turn();
      expect(wire.take().sort()).toEqual(['[sol=99]', 'btc=99', 'eth=99']);
      stage.price('btc', 100);
      stage.turn();
      expect(wire.take()).toEqual(['btc=100']);
    });

    it('cuts it when it stays behind, and nobody else', () => {
      const [slow, good] = [stage.client(), stage.client()];
      for (const { say } of [slow, good]) say(subscribe('btc'));
      slow.wire.unsent = FANOUT_RULES.behindBytes + 1;
      stage.price('btc', 1);
      stage.turn();
      stage.pass(FANOUT_RULES.behindMs - 1);
      stage.fanout.cutTheSlow(stage.now);
      expect(slow.wire.closed).toBeUndefined();
      stage.pass(1);
      stage.fanout.cutTheSlow(stage.now);
      expect(slow.wire.closed).toEqual({ code: 1008, reason: 'too slow' });
      expect(good.wire.closed).toBeUndefined();
      expect(stage.fanout.counts.cut).toBe(1);
    });

    it('cuts it at once when it owes too much', () => {
      const { wire, say } = stage.client();
      say(subscribe('btc'));
      wire.unsent = FANOUT_RULES.cutBytes + 1;
      say({ type: 'ping' });
      expect(wire.closed).toEqual({ code: 1008, reason: 'too slow' });
      stage.price('btc', 1);
      stage.turn();
      expect(wire.sent.at(-1)).toMatchObject({ type: 'error', code: 'too_slow' });
      expect(wire.take()).toEqual(['subscribed(btc)', 'pong', 'error']);
    });
  });

  it('never goes back, and everybody ends on the latest, whatever they do', () => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const symbols = ['a', 'b', 'c', 'd'];
    const people = Array.from({ length: 12 }, (_, i) => stage.client(i % 2 ? 'ws' : 'io'));
    const seen = people.map(() => new Map<string, number>());
    const read = (): void =>
      people.forEach(({ wire }, i) => {
        for (const { data } of wire.sent)
          for (const { symbol, version } of [data ?? []].flat()) {
            if (version < (seen[i]?.get(symbol) ?? 0)) throw new Error(`${symbol} went back to version ${version}`);
            seen[i]?.set(symbol, version);
          }
        wire.sent = [];
      });
    const person = (): (typeof people)[number] => people[random(people.length)] as (typeof people)[number];
    const symbol = (): string => symbols[random(4)] as string;
    for (let step = 0; step < 5_000; step++) {
      const act = random(20);
      if (act < 9) stage.price(symbol(), step);
      else if (act < 11) person().say(subscribe(symbol(), symbol()));
      else if (act < 13) person().say(batch(symbol(), symbol()));
      else if (act < 14) person().say({ type: 'unsubscribe', symbols: [symbol()] });
      else if (act < 15) person().say(throttle(random(3) * 40));
      else if (act < 16) person().wire.unsent = FANOUT_RULES.behindBytes + 1;
      else if (act < 17) {
        const { wire, client } = person();
        wire.unsent = 0;
        stage.fanout.drained(client, stage.now);
      } else stage.pass(random(30));
      if (random(3) === 0) stage.turn();
      if (random(50) === 0) read();
    }
    for (const { wire, client, say } of people) {
      wire.unsent = 0;
      stage.fanout.drained(client, stage.now);
      say(subscribe(...symbols));
    }
    stage.turn();
    stage.pass(300);
    read();
    const last = seen[0] as Map<string, number>;
    expect(last.size).toBe(4);
    for (const versions of seen) expect(Object.fromEntries(versions)).toEqual(Object.fromEntries(last));
    for (const { client } of people) stage.fanout.disconnect(client);
    expect(stage.fanout.watchedAssets).toBe(0);
  });
});

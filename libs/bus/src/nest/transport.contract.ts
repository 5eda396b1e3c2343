/** What the Nest transport promises over any bus: run by the specs of both. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswerOf, EventOf, RequestOf } from '@haunt/contracts';
import type { TickBatch } from '@haunt/domain';
import { type CanActivate, Controller, type INestMicroservice, Module, UseGuards } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { firstValueFrom } from 'rxjs';
import { type BusHarness, heartbeat, seedOf, type TestedBus, times, until } from '../bus.contract.js';
import type { Entry } from '../event-bus.js';
import { HAUNT } from './haunt-transport.js';
import { Answers, On } from './on.js';
import { StreamContext } from './stream-context.js';
import { StreamsClient } from './streams-client.js';
import { StreamsServer, type StreamsServerOptions } from './streams-server.js';

/** What the handlers below saw and shall do; made anew for every test. */
let log: { batches: [number, number[]][]; progress: [string, string][]; history: string[]; guards: number };
let fails: (what: string) => boolean;

function failIf(what: string): void {
  if (fails(what)) throw new Error(`failed at ${what}`);
}

class OnceClosed implements CanActivate {
  canActivate(): boolean {
    return log.guards++ > 0;
  }
}

@Controller()
class Handlers {
  @On('ticks', { batch: true, size: 10 })
  onTicks(@Payload() entries: readonly Entry<TickBatch>[], @Ctx() context: StreamContext): void {
    failIf('ticks');
    log.batches.push([context.getPartition(), times(entries)]);
  }

  @On('seed.progress')
  async onProgress(@Payload() { symbol }: EventOf<'seed.progress'>, @Ctx() context: StreamContext): Promise<void> {
    await sleep(1);
    log.progress.push([symbol, context.getTopic()]);
  }

  @On('history', { size: 8 })
  onHistory({ symbol }: EventOf<'history'>): void {
    failIf(symbol);
    log.history.push(symbol);
  }

  /** Nest's own decorator works the same way. */
  @EventPattern('seed.requested', HAUNT)
  @UseGuards(OnceClosed)
  onSeed(@Payload() { symbol }: EventOf<'seed.requested'>): void {
    log.history.push(`seed ${symbol}`);
  }

  @Answers('symbol.counts')
  counts({ symbol }: RequestOf<'symbol.counts'>): AnswerOf<'symbol.counts'> {
    failIf(symbol);
    return { symbol, totalUpdates: 7, sources: [], updatesLastMinute: 0 };
  }
}

@Module({ controllers: [Handlers] })
class HandlersModule {}

export function transportContract(harness: BusHarness): void {
  let bus: TestedBus;
  let app: INestMicroservice | undefined;

  const start = async (options: Partial<StreamsServerOptions> = {}): Promise<void> => {
    const module = await Test.createTestingModule({ imports: [HandlersModule] }).compile();
    app = module.createNestMicroservice({
      strategy: new StreamsServer({ bus, position: () => ({ at: 'start' }), ...options }),
      logger: false,
    });
    await app.listen();
  };

  beforeEach(() => {
    log = { batches: [], progress: [], history: [], guards: 0 };
    fails = () => false;
    bus = harness.create({ backoff: { firstMs: 1, maxMs: 4 }, topics: { history: { attempts: 3 } } });
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
    await harness.reset();
  });

  it('hands batches over with their partition, from the position asked for', async () => {
    for (let i = 0; i < 20; i++) await bus.publish('ticks', heartbeat(i), i % 2);
    await start({ partitions: [0, 1] });
    await until('all', () => log.batches.flatMap(([, batch]) => batch).length === 20);
    const of = (wanted: number) => log.batches.filter(([p]) => p === wanted).flatMap(([, batch]) => batch);
    expect(of(0)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    expect(of(1)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    expect(log.batches.length).toBe(2);
  });

  it('hands single events over in order', async () => {
    await start();
    for (const symbol of ['a', 'b', 'c']) {
      await bus.publish('seed.progress', { symbol, status: 'seeding', progress: 0, message: '', at: 1 });
    }
    await until('all', () => log.progress.length === 3);
    expect(log.progress).toEqual(['a', 'b', 'c'].map((symbol) => [symbol, 'seed.progress']));
  });

  it('does not acknowledge what a handler threw at', async () => {
    let failures = 2;
    fails = () => failures-- > 0;
    await bus.publish('ticks', heartbeat(1));
    await start();
    await until('it', () => log.batches.length === 1);
    expect(bus.incidents.counts['handler-failed']).toBe(2);
  });

  it('does not acknowledge what a guard turned away', async () => {
    await bus.publish('seed.requested', seedOf('btc'));
    await start();
    await until('it', () => log.history.length === 1);
    expect(log.guards).toBe(2);
  });

  it('brings a failing event again, not those before it, and buries it with its own words', async () => {
    fails = (what) => what === 'bad';
    for (const symbol of ['a', 'bad', 'c']) {
      await bus.publish('history', { symbol, provider: 'x', grade: 'klines', bucketMs: 60_000, candles: [] });
    }
    await start();
    await until('the last', () => log.history.includes('c'));
    expect(log.history).toEqual(['a', 'c']);
    expect((await bus.deadLetters('history')).map(({ message }) => message)).toEqual(['failed at bad']);
  });

  it('answers questions, and passes on why it could not', async () => {
    fails = (what) => what === 'doge';
    await start();
    const client = new StreamsClient(bus);
    const answer = await firstValueFrom(client.send<AnswerOf<'symbol.counts'>>('symbol.counts', { symbol: 'btc' }));
    expect(answer.totalUpdates).toBe(7);
    const refused = firstValueFrom(client.send({ name: 'symbol.counts', partition: 0 }, { symbol: 'doge' }));
    await expect(refused).rejects.toThrow('failed at doge');
    await expect(firstValueFrom(client.send('nothing', {}))).rejects.toThrow(
      'no query "nothing"; there are prices.get',
    );
  });

  it('publishes what a client emits', async () => {
    await start({ partitions: [0, 3] });
    const client = new StreamsClient(bus);
    client.emit({ name: 'ticks', partition: 3 }, heartbeat(5));
    await until('it', () => log.batches.length === 1);
    expect(log.batches).toEqual([[3, [5]]]);
  });
}

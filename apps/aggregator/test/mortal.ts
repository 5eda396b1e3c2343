import {
  type BatchHandler,
  type Consumption,
  type ConsumeOptions,
  type Entry,
  type EntryId,
  EventBus,
} from '@haunt/bus';
import type { AnswerOf, EventOf, QueryName, RequestOf, TopicName } from '@haunt/contracts';
import { KeyValueStore } from '@haunt/storage';

/** What a process can still do: everything, until it is dead. */
export class Life {
  #dead = false;
  #died: (() => void) | undefined;
  readonly death = new Promise<void>((resolve) => (this.#died = resolve));

  get isOver(): boolean {
    return this.#dead;
  }

  end(): void {
    this.#dead = true;
    this.#died?.();
  }

  /** @throws when it is over: nothing is done any more by whoever calls this first */
  check(): void {
    if (this.#dead) throw new Error('dead');
  }
}

/** A bus of a process that dies in the middle of reading: before, in or after its `reads`-th handler, half of the time each. */
export class MortalBus extends EventBus {
  constructor(
    private readonly bus: EventBus,
    private readonly life: Life,
    private readonly random: () => number,
    private reads: number,
  ) {
    super();
  }

  override async publish<T extends TopicName>(topic: T, event: EventOf<T>, partition?: number): Promise<EntryId> {
    this.life.check();
    return this.bus.publish(topic, event, partition);
  }

  override consume<T extends TopicName>(
    topic: T,
    handler: BatchHandler<EventOf<T>>,
    options?: ConsumeOptions,
  ): Consumption {
    const batch = 1 + Math.floor(this.random() * 60);
    const mortal = async (entries: readonly Entry<EventOf<T>>[]): Promise<void> => {
      this.life.check();
      const isLast = --this.reads <= 0;
      const half = Math.floor(this.random() * (entries.length + 1));
      if (isLast && half > 0) await handler(entries.slice(0, half));
      else if (!isLast) await handler(entries);
      if (isLast) this.life.end();
      this.life.check();
    };
    return this.bus.consume(topic, mortal, { ...options, batch });
  }

  override ask<Q extends QueryName>(query: Q, request: RequestOf<Q>, partition?: number): Promise<AnswerOf<Q>> {
    return this.bus.ask(query, request, partition);
  }

  override answer<Q extends QueryName>(
    query: Q,
    handler: (request: RequestOf<Q>) => AnswerOf<Q> | Promise<AnswerOf<Q>>,
    partition?: number,
  ): Consumption {
    return this.bus.answer(query, handler, partition);
  }

  override healthy(): boolean {
    return this.bus.healthy();
  }

  override close(): Promise<void> {
    return this.bus.close();
  }
}

export class MortalStore extends KeyValueStore {
  constructor(
    private readonly store: KeyValueStore,
    private readonly life: Life,
  ) {
    super();
  }

  override get(key: string): Promise<Buffer | undefined> {
    return this.store.get(key);
  }
  override async set(key: string, value: Buffer | string, ttlMs?: number): Promise<void> {
    this.life.check();
    return this.store.set(key, value, ttlMs);
  }
  override async setAll(entries: readonly (readonly [key: string, value: Buffer | string])[]): Promise<void> {
    this.life.check();
    return this.store.setAll(entries);
  }
  override async setAllHolding(
    lease: string,
    owner: string,
    entries: readonly (readonly [key: string, value: Buffer | string])[],
  ): Promise<boolean> {
    this.life.check();
    return this.store.setAllHolding(lease, owner, entries);
  }
  override async delete(key: string): Promise<void> {
    this.life.check();
    return this.store.delete(key);
  }
  override acquire(key: string, owner: string, ttlMs: number): Promise<boolean> {
    return this.store.acquire(key, owner, ttlMs);
  }
  override release(key: string, owner: string): Promise<void> {
    return this.store.release(key, owner);
  }
  override close(): Promise<void> {
    return this.store.close();
  }
}

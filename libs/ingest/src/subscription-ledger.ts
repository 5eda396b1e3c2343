import type { ListedPair } from '@haunt/sources';

export interface Refusal {
  /** Certainly refused. */
  readonly refused: readonly ListedPair[];
  /** Were in the same frame as a refused one: the venue may have taken none of it, so they are asked for again. */
  readonly doubtful: readonly ListedPair[];
}

/**
 * What one connection has asked for, and which of it the venue has proved by sending data. Some venues refuse a whole
 * frame because of one pair in it, and some do not say which: the ledger knows what is still in doubt.
 */
export class SubscriptionLedger {
  private readonly subscribed = new Map<string, ListedPair>();
  /** Pair to the frame it was last asked for in; gone as soon as data came. */
  private readonly unproven = new Map<string, object>();

  get pairs(): IterableIterator<ListedPair> {
    return this.subscribed.values();
  }

  /** What must be asked for and given up so that exactly `target` is subscribed. */
  difference(target: readonly ListedPair[]): { add: ListedPair[]; remove: ListedPair[] } {
    const wanted = new Set(target.map(({ pair }) => pair));
    return {
      add: target.filter(({ pair }) => !this.subscribed.has(pair)),
      remove: [...this.subscribed.values()].filter(({ pair }) => !wanted.has(pair)),
    };
  }

  /** These were asked for in one frame. */
  asked(group: readonly ListedPair[]): void {
    const frame = {};
    for (const pair of group) {
      this.subscribed.set(pair.pair, pair);
      this.unproven.set(pair.pair, frame);
    }
  }

  gaveUp(group: readonly ListedPair[]): void {
    for (const { pair } of group) {
      this.subscribed.delete(pair);
      this.unproven.delete(pair);
    }
  }

  /** Data came for it. Cheap once everything has been proved. */
  proved(pair: string): void {
    if (this.unproven.size > 0) this.unproven.delete(pair);
  }

  isUnproven({ pair }: ListedPair): boolean {
    return this.unproven.has(pair);
  }

  /** The venue named what it refuses. */
  refuse(names: readonly string[]): Refusal {
    const refused = names.map((name) => this.subscribed.get(name)).filter((pair) => pair !== undefined);
    const frames = new Set(refused.map(({ pair }) => this.unproven.get(pair)).filter((frame) => frame !== undefined));
    this.gaveUp(refused);
    const doubtful = [...this.unproven].filter(([, frame]) => frames.has(frame)).map(([name]) => name);
    return { refused, doubtful: this.known(doubtful) };
  }

  /** Everything in doubt, one list per frame it was asked for in. */
  doubts(): ListedPair[][] {
    const byFrame = new Map<object, string[]>();
    for (const [name, frame] of this.unproven) byFrame.set(frame, [...(byFrame.get(frame) ?? []), name]);
    return [...byFrame.values()].map((names) => this.known(names));
  }

  private known(names: readonly string[]): ListedPair[] {
    return names.map((name) => this.subscribed.get(name)).filter((pair) => pair !== undefined);
  }
}

import type { ListedPair } from '@haunt/sources';
import type { SubscriptionLedger } from './subscription-ledger.js';

/** A venue has answered a subscription, if it is going to refuse it, within this. */
const ANSWER_MS = 3_000;

export interface SuspectActions {
  /** Ask for these again, in one go. */
  ask(group: readonly ListedPair[]): void;
  /** True while frames still wait to be sent: silence means nothing yet. */
  sending(): boolean;
  refused(pair: ListedPair, message: string): void;
}

/**
 * Finds the pair that a venue refuses without naming it. Everything in doubt is asked for again, one group at a time;
 * a group that is refused is halved, until the pair stands alone. What is fine is subscribed on the way.
 */
export class Suspects {
  private readonly groups: (readonly ListedPair[])[] = [];
  private asking: readonly ListedPair[] | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ledger: SubscriptionLedger,
    private readonly actions: SuspectActions,
  ) {}

  get busy(): boolean {
    return this.timer !== undefined;
  }

  /** These may have been lost with a refused neighbour. */
  recheck(group: readonly ListedPair[]): void {
    if (group.length === 0) return;
    this.groups.unshift(group);
    if (!this.busy) this.wait();
  }

  /** A refusal that names nobody. */
  accuse(message: string): void {
    if (!this.busy) {
      // Other refusals of the first frames may be on their way, and must not be taken for answers to what is asked next.
      this.groups.push(...this.ledger.doubts());
      this.wait();
      return;
    }
    const group = this.asking;
    if (group === undefined) return;
    this.asking = undefined;
    if (group.length === 1) {
      this.ledger.gaveUp(group);
      this.actions.refused(group[0]!, message);
    } else {
      const half = Math.ceil(group.length / 2);
      this.groups.unshift(group.slice(0, half), group.slice(half));
    }
    this.next();
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.groups.length = 0;
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.actions.sending() ? this.wait() : this.next()), ANSWER_MS);
  }

  private next(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.asking = undefined;
    while (this.groups.length > 0) {
      const group = this.groups.shift()!.filter((pair) => this.ledger.isUnproven(pair));
      if (group.length === 0) continue;
      this.asking = group;
      this.actions.ask(group);
      this.wait();
      return;
    }
  }
}

import type { ListedPair, StreamSource } from '@haunt/sources';
import { SubscriptionLedger } from './subscription-ledger.js';
import { inGroups } from './subscription-plan.js';
import { Suspects } from './suspects.js';

export interface SubscriptionActions {
  send(frame: string): void;
  /** True while frames still wait to be sent. */
  sending(): boolean;
  refused(pair: ListedPair, message: string): void;
  /** The venue complains, and does not say about which pair. */
  complaint(message: string): void;
}

/** Keeps what one connection is subscribed to equal to what is wanted, and finds out what the venue refuses. */
export class Subscriptions {
  private readonly ledger = new SubscriptionLedger();
  private readonly suspects: Suspects;
  private begun = false;
  private lastId = 0;

  constructor(
    private readonly source: Pick<StreamSource, 'limits' | 'subscribe' | 'unsubscribe'>,
    private wanted: readonly ListedPair[],
    private readonly actions: SubscriptionActions,
  ) {
    this.suspects = new Suspects(this.ledger, {
      ask: (group) => this.ask(group),
      sending: () => actions.sending(),
      refused: (pair, message) => actions.refused(pair, message),
    });
  }

  /** A refusal is being looked into. */
  get inDoubt(): boolean {
    return this.suspects.busy;
  }

  /** Subscribes what is missing and unsubscribes what is too much, once we may speak. */
  want(pairs: readonly ListedPair[]): void {
    this.wanted = pairs;
    if (this.begun) this.reconcile();
  }

  /** From now on we may speak. */
  begin(): void {
    this.begun = true;
    this.reconcile();
  }

  /** Data of a pair came. */
  proved(pair: string): void {
    this.ledger.proved(pair);
  }

  /** The venue refused; without `names`, it did not say what. */
  refused(message: string, names: readonly string[] | undefined): void {
    if (names === undefined || names.length === 0) {
      this.actions.complaint(message);
      this.suspects.accuse(message);
      return;
    }
    const { refused, doubtful } = this.ledger.refuse(names);
    this.suspects.recheck(doubtful);
    if (refused.length === 0) this.actions.complaint(message);
    for (const pair of refused) this.actions.refused(pair, message);
  }

  close(): void {
    this.suspects.close();
  }

  private reconcile(): void {
    const { pairsPerFrame } = this.source.limits;
    const { add, remove } = this.ledger.difference(this.wanted);
    for (const group of inGroups(remove, pairsPerFrame)) {
      this.ledger.gaveUp(group);
      for (const frame of this.source.unsubscribe(group, this.nextId)) this.actions.send(frame);
    }
    for (const group of inGroups(add, pairsPerFrame)) this.ask(group);
  }

  private ask(group: readonly ListedPair[]): void {
    this.ledger.asked(group);
    for (const frame of this.source.subscribe(group, this.nextId)) this.actions.send(frame);
  }

  private readonly nextId = (): number => ++this.lastId;
}

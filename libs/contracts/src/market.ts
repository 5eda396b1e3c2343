import type { FearGreed, GlobalFigures, Registry } from '@haunt/domain';

/** That there is another registry under its key in the store. */
export interface AssetsNews {
  /** When the listing that made it was answered, epoch ms. */
  readonly at: number;
  readonly assets: number;
}

/** The registry as it is kept. */
export interface KeptRegistry {
  /** Of this shape: one that is not known is not read. */
  readonly shape: 1;
  readonly registry: Registry;
  /** It comes from a source that makes its figures up. */
  readonly simulated?: true;
}

/** Something that an upstream told, and when it was answered, epoch ms. */
export interface Told<T> {
  readonly value: T;
  /** Its name, for a person. */
  readonly source: string;
  readonly at: number;
}

export type MarketSubject = 'listings' | 'global' | 'fearGreed';

/** Why the last attempt gave nothing, and when that was, epoch ms. */
export interface Trouble {
  /** A sentence without a full stop. */
  readonly message: string;
  readonly at: number;
}

/** What is known of the whole market: published when any of it changes, and kept. */
export interface MarketNews {
  readonly global?: Told<GlobalFigures>;
  readonly fearGreed?: Told<FearGreed>;
  /** A subject is absent when its last attempt went well. */
  readonly troubles: Readonly<Partial<Record<MarketSubject, Trouble>>>;
}

import type { SourceState } from '@haunt/domain';
import type { Direction, PriceStatus } from '@haunt/domain';

/** Everything one screenful shows, ready to be drawn. */
export interface Picture {
  /** Epoch ms. */
  readonly now: number;
  readonly url: string;
  readonly simulated: boolean;
  readonly uptimeMs: number;
  readonly logPath: string;
  readonly updatesPerMinute: number;
  readonly pricedAssets: number;
  readonly sources: readonly SourceLine[];
  /** The most important first. */
  readonly assets: readonly AssetLine[];
  /** Oldest first. */
  readonly notices: readonly NoticeLine[];
}

export interface SourceLine {
  readonly name: string;
  /** `starting`: it has not said anything yet. */
  readonly state: SourceState | 'starting';
  readonly symbols: number;
  readonly updatesPerMinute: number;
  /** What is to be said about it, for a person. */
  readonly note: string;
}

export interface AssetLine {
  readonly symbol: string;
  /** USD. */
  readonly price: number;
  readonly direction?: Direction;
  /** It moved a moment ago. */
  readonly moved: boolean;
  /** Percent. */
  readonly change24h?: number;
  readonly sources: number;
  readonly status: PriceStatus;
}

export interface NoticeLine {
  /** Epoch ms. */
  readonly at: number;
  readonly level: 'warn' | 'error';
  readonly message: string;
}

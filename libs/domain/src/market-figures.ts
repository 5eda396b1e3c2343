/** What is said of the whole market. Money in USD, dominance and changes in percent; what nobody said is absent. */
export interface GlobalFigures {
  readonly totalMarketCap: number;
  readonly totalVolume24h: number;
  readonly btcDominance: number;
  readonly ethDominance: number;
  readonly activeCryptocurrencies?: number;
  readonly activeExchanges?: number;
  readonly marketCapChange24h?: number;
  readonly volumeChange24h?: number;
  /** When they were true, by whoever said them; epoch ms. */
  readonly updatedAt: number;
}

export const MOODS = ['Extreme Fear', 'Fear', 'Neutral', 'Greed', 'Extreme Greed'] as const;
export type Mood = (typeof MOODS)[number];

/** The fear and greed index of a day. */
export interface FearGreed {
  /** 0 (fear) to 100 (greed). */
  readonly value: number;
  readonly classification: Mood;
  /** The day it is of, epoch ms. */
  readonly time: number;
  /** The day before. */
  readonly previous?: number;
}

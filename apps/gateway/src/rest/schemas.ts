import { MOODS, MOVER_WINDOW_NAMES, SOURCE_IDS } from '@haunt/domain';
import type { OpenAPIObject } from '@nestjs/swagger';

// What the answers look like, for the OpenAPI document. A test holds them against real answers.

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
export type Schema = Exclude<Schemas[string], { $ref: string }>;

const text = (description?: string): Schema => ({ type: 'string', description });
const number = (description?: string): Schema => ({ type: 'number', description });
const integer = (description?: string): Schema => ({ type: 'integer', description });
const truth = (description?: string): Schema => ({ type: 'boolean', description });
const list = (items: Schema, description?: string): Schema => ({ type: 'array', items, description });
const orNull = (schema: Schema): Schema => ({ ...schema, nullable: true });
const choice = (...values: readonly string[]): Schema => ({ type: 'string', enum: [...values] });

/** An object; a name that ends in `?` may be absent. */
function object(fields: Readonly<Record<string, Schema>>): Schema {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const [name, schema] of Object.entries(fields)) {
    properties[name.replace('?', '')] = schema;
    if (!name.endsWith('?')) required.push(name);
  }
  return { type: 'object', properties, required };
}

const SOURCE = choice(...SOURCE_IDS);
const STATUS = choice('normal', 'degraded', 'single-source', 'stale');
const DIRECTION = choice('up', 'down');

export const PROBLEM = object({
  error: text('What was wrong and what is allowed'),
  status: integer('The HTTP status again'),
  code: text('For programs'),
});

export function enveloped(data: Schema): Schema {
  const meta = object({
    cached: truth('From a cache of an upstream’s answer'),
    'asOf?': integer('When the upstream answered, epoch ms; with `cached`'),
    'simulated?': truth('Everything here is made up'),
    'total?': integer('Of all pages together'),
    'start?': integer('From 1'),
    'limit?': integer(),
    'query?': text('What was searched for'),
  });
  return object({ data, meta });
}

export const ASSET = object({
  id: integer('CoinMarketCap id; from 1000000000 on one of ours, where that is not known'),
  rank: integer(),
  name: text(),
  symbol: text('Upper case, unless it is listed otherwise'),
  image: text(),
  price: number('USD'),
  change1h: number('Percent'),
  change24h: number('Percent'),
  change7d: number('Percent'),
  marketCap: number('USD'),
  volume24h: number('USD'),
  circulatingSupply: number(),
  'maxSupply?': number(),
  sparkline: list(number(), 'Hourly closes of 7 days, oldest first'),
  'tradeDirection?': DIRECTION,
  assetType: choice('crypto'),
  status: STATUS,
  lastUpdated: integer('Epoch ms'),
  unknown: list(text(), 'Numbers above that are 0 because nobody has told them'),
});

export const ASSETS = list(ASSET);

export const GLOBAL = object({
  totalMarketCap: number('USD'),
  totalVolume24h: number('USD'),
  btcDominance: number('Percent'),
  ethDominance: number('Percent'),
  activeCryptocurrencies: integer(),
  activeExchanges: integer(),
  marketCapChange24h: number('Percent'),
  volumeChange24h: number('Percent'),
  lastUpdated: text('ISO 8601'),
  source: text('Whose figures these are'),
  unknown: list(text(), 'Numbers above that are 0 because nobody has told them'),
});

export const FEAR_GREED = object({
  value: integer('0 (fear) to 100 (greed)'),
  classification: choice(...MOODS),
  timestamp: text('The day it is of, epoch seconds'),
  'previousClose?': integer('The day before'),
  'change?': integer('Since then, in points'),
});

export const QUOTES = object({
  symbol: text('Lower case'),
  price: number('USD'),
  'volume24h?': number('USD'),
  'volumeChange24h?': number('Percent'),
  'marketCap?': number('USD'),
  'marketCapDominance?': number('Percent of the total of /api/market/global'),
  'percentChange1h?': number(),
  'percentChange24h?': number(),
  'percentChange7d?': number(),
  'percentChange30d?': number(),
  'fullyDilutedMarketCap?': number('USD'),
  'circulatingSupply?': number(),
  'totalSupply?': number(),
  'maxSupply?': number(),
  'change1h?': number('Percent'),
  'change24h?': number('Percent'),
  'change7d?': number('Percent'),
  lastUpdated: integer('The time the price is true for, epoch ms'),
  'tradeDirection?': DIRECTION,
  status: STATUS,
  source: SOURCE,
  sources: list(SOURCE, 'Those that counted, heaviest first'),
  version: integer('Never goes back'),
});

export const EXPLANATION = object({
  symbol: text('Lower case'),
  price: number('USD'),
  status: STATUS,
  asOf: integer('Epoch ms'),
  version: integer(),
  spread: object({ p25: number(), p75: number() }),
  sources: list(
    object({
      source: SOURCE,
      pair: text(),
      quote: text('Currency the pair is quoted in'),
      quotePrice: number('In that currency'),
      conversionRate: orNull(number('USD per unit of it')),
      priceUsd: orNull(number()),
      ageMs: integer(),
      weight: number(),
      counted: truth(),
      'reason?': text('Why it did not count'),
    }),
  ),
});

export const EXCHANGE = object({
  source: SOURCE,
  name: text(),
  updateCount: integer(),
  updatePercent: number('Share of all updates'),
  online: truth(),
  status: choice('connected', 'connecting', 'stale', 'failing', 'disabled'),
  'reason?': text(),
  'lastError?': text(),
  'lastUpdate?': integer('Epoch ms'),
  'nextAttempt?': integer('Epoch ms'),
  symbols: integer(),
  unlisted: list(text()),
  silent: list(text()),
  updatesPerMinute: integer(),
  badFrames: integer(),
  duplicates: integer(),
});

export const EXCHANGES = list(EXCHANGE);

export const STATS = object({
  totalUpdates: integer(),
  tps: number('Over the last 60 s'),
  uptimeSecs: integer(),
  activeSymbols: integer(),
  onlineSources: integer(),
  totalSources: integer(),
  exchanges: EXCHANGES,
});

export const SOURCE_STATS = object({
  symbol: text('Lower case'),
  sources: list(object({ source: SOURCE, updateCount: integer(), updatePercent: number(), online: truth() })),
  totalUpdates: integer(),
  timestamp: integer('Epoch seconds'),
});

export const CONFIDENCE = object({
  symbol: text('Lower case'),
  confidence: object({
    score: number('0 to 100'),
    sourceCount: integer(),
    onlineSources: integer(),
    totalUpdates: integer(),
    currentPrice: orNull(number('USD')),
    priceSpreadPercent: orNull(number()),
    secondsSinceUpdate: orNull(number()),
    factors: object({
      sourceDiversity: number('0 to 30'),
      updateFrequency: number('0 to 25'),
      dataRecency: number('0 to 25'),
      priceConsistency: number('0 to 20'),
    }),
  }),
  chartDataPoints: integer('Buckets of five minutes of the last 24 h that somebody saw, up to 288'),
  timestamp: integer('Epoch seconds'),
});

export const CHART = object({
  symbol: text('Lower case'),
  range: choice('1h', '4h', '1d', '1w', '1m'),
  data: list(
    object({
      time: integer('Start of the bucket, epoch seconds; unique, ascending'),
      open: number('USD'),
      high: number('USD'),
      low: number('USD'),
      close: number('USD'),
      'volume?': number('USD traded in this bucket'),
      'interpolated?': truth('Nobody saw this bucket; it stands between its neighbours'),
      'seeded?': truth('Fetched, not watched: the prices of one provider, and only what was traded there'),
    }),
  ),
  seeding: truth('History is being fetched'),
  seedingStatus: choice('not_started', 'in_progress', 'complete', 'failed'),
  seedingProgress: number('0 to 100'),
  dataCompleteness: number('Share of the expected buckets that somebody saw, 0 to 100'),
  expectedPoints: integer(),
  gaps: list(object({ from: integer('Epoch seconds'), to: integer('Epoch seconds') }), 'Too long to interpolate'),
});

const MOVER = object({
  symbol: text('Upper case'),
  price: number('USD'),
  changePercent: number('Since one timeframe ago'),
  'volume24h?': number('USD'),
});

export const MOVERS = object({
  timeframe: choice(...MOVER_WINDOW_NAMES),
  gainers: list(MOVER, 'Those that rose, most first'),
  losers: list(MOVER, 'Those that fell, most first'),
  timestamp: integer('Epoch seconds'),
});

export const VOLUME_LEADERS = list(
  object({
    symbol: text('Upper case'),
    price: number('USD'),
    volume24h: number('USD'),
    'change24h?': number('Percent'),
  }),
);

export const VOLATILITIES = list(
  object({
    symbol: text('Upper case'),
    price: number('USD'),
    window: choice(...MOVER_WINDOW_NAMES),
    volatilityPercent: number('Over the window'),
    annualizedPercent: number('If a year were like this window'),
    samples: integer('Returns it was made of'),
  }),
);

export const AGREEMENTS = list(
  object({
    symbol: text('Upper case'),
    price: number('USD'),
    spreadPercent: number('p75 - p25 of the counted sources, of the price'),
    sources: list(
      object({
        source: SOURCE,
        pair: text(),
        distancePercent: number('Of the price; above it is positive'),
        counted: truth(),
      }),
      'Heaviest first',
    ),
  }),
);

export const ACTIVITIES = list(
  object({
    symbol: text('Upper case'),
    'price?': number('USD'),
    updatesPerMinute: integer('Of all sources'),
    totalUpdates: integer(),
  }),
);

export const SEED_ANSWER = object({
  symbol: text('Lower case; of a batch entry that names no asset, as it was given'),
  status: choice('seeding', 'seeded', 'failed'),
  message: text('For a person'),
});

export const SEED_ANSWERS = list(SEED_ANSWER, 'One for every symbol asked for, in that order');

export const SEED_STATES = list(
  object({
    symbol: text('Lower case'),
    status: choice('not_seeded', 'seeding', 'seeded', 'failed'),
    progress: number('0 to 100'),
    message: text('For a person'),
  }),
);

export const SEED_REQUEST = object({ symbol: text('A symbol in any case, or a CoinMarketCap id as text') });

export const SEED_BATCH_REQUEST = object({
  symbols: { ...list(text(), 'Symbols in any case, or CoinMarketCap ids as text'), minItems: 1, maxItems: 100 },
});

export const HEALTH = object({
  status: choice('ok', 'degraded', 'down'),
  version: text(),
  timestamp: text('ISO 8601'),
  uptime: number('Seconds'),
  'simulated?': truth(),
  checks: { type: 'object', additionalProperties: true, description: 'Per check: true, or why not' },
});

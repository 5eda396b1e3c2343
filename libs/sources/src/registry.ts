import type { SourceId } from '@haunt/domain';
import { binance } from './binance/binance.stream.js';
import { coinbase } from './coinbase/coinbase.stream.js';
import { huobi } from './huobi/huobi.stream.js';
import { kucoin } from './kucoin/kucoin.stream.js';
import { okx } from './okx/okx.stream.js';
import type { Source } from './source.js';

/** Every dialect by its source. A source that the domain knows and nobody speaks does not compile. */
export const SOURCES_BY_ID = {
  coinbase,
  binance,
  kucoin,
  okx,
  huobi,
} satisfies Partial<Record<SourceId, Source>>;

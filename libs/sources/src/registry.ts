import type { SourceId } from '@haunt/domain';
import { binance } from './binance/binance.stream.js';
import { bybit } from './bybit/bybit.stream.js';
import { coinbase } from './coinbase/coinbase.stream.js';
import { coingecko } from './coingecko/coingecko.poll.js';
import { coinmarketcap } from './coinmarketcap/coinmarketcap.poll.js';
import { cryptocompare } from './cryptocompare/cryptocompare.poll.js';
import { huobi } from './huobi/huobi.stream.js';
import { kraken } from './kraken/kraken.poll.js';
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
  kraken,
  coingecko,
  coinmarketcap,
  cryptocompare,
  bybit,
} satisfies Record<SourceId, Source>;

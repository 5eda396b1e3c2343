import { binanceHistory } from './binance/binance.history.js';
import { bybitHistory } from './bybit/bybit.history.js';
import { coinbaseHistory } from './coinbase/coinbase.history.js';
import { coingeckoHistory } from './coingecko/coingecko.history.js';
import { cryptocompareHistory } from './cryptocompare/cryptocompare.history.js';
import type { HistorySource } from './history.js';
import { krakenHistory } from './kraken/kraken.history.js';
import { kucoinHistory } from './kucoin/kucoin.history.js';
import { okxHistory } from './okx/okx.history.js';

/** Every source of past candles: venues first, by how much they trade and how far one request reaches, then the indices. */
export const HISTORY_SOURCES: readonly HistorySource[] = [
  binanceHistory,
  coinbaseHistory,
  okxHistory,
  kucoinHistory,
  bybitHistory,
  krakenHistory,
  coingeckoHistory,
  cryptocompareHistory,
];

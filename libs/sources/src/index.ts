export * from './source.js';
export { binance } from './binance/binance.stream.js';
export { coinbase } from './coinbase/coinbase.stream.js';
export { huobi } from './huobi/huobi.stream.js';
export { kucoin } from './kucoin/kucoin.stream.js';
export { okx } from './okx/okx.stream.js';
export { SOURCES_BY_ID } from './registry.js';

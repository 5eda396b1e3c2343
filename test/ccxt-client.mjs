// A process of its own that knows the venues through ccxt alone, and tells its parent what it read there.
import { Agent } from 'node:http';
import { createRequire } from 'node:module';

const ccxt = createRequire(import.meta.url)(process.argv[2]);
const NAMES = {
  coinbase: 'coinbaseexchange',
  binance: 'binance',
  kucoin: 'kucoin',
  okx: 'okx',
  huobi: 'htx',
  kraken: 'kraken',
  bybit: 'bybit',
};
const TYPES = { htx: { spot: true, linear: false, inverse: false } };

/** Every address of an exchange, moved to the simulator; the paths stay those of the real one. */
function moved(urls, rest) {
  for (const [key, value] of Object.entries(urls)) {
    if (typeof value !== 'string') moved(value, rest);
    else urls[key] = value.replace(/^https:\/\/[^/]+/, rest).replace(/^wss:\/\/[^/]+/, rest.replace('http', 'ws'));
  }
}

function exchange(venue, rest) {
  const name = NAMES[venue];
  const options = { fetchMarkets: { types: TYPES[name] ?? ['spot'] }, defaultType: 'spot' };
  const made = new ccxt.pro[name]({ enableRateLimit: false, options });
  moved(made.urls.api, rest);
  // Without it ccxt refuses addresses that are not encrypted.
  made.httpAgent = new Agent();
  return made;
}

async function read(venue, rest, symbols) {
  const client = exchange(venue, rest);
  const markets = Object.keys(await client.loadMarkets());
  const found = {};
  for (const symbol of symbols) {
    const { last, open, baseVolume } = await client.fetchTicker(symbol);
    const trades = await client.fetchTrades(symbol, undefined, 5);
    const known = trades.map(({ price, amount, timestamp, side }) => ({ price, amount, timestamp, side }));
    found[symbol] = { last, open, baseVolume, trades: known };
  }
  return { markets, found };
}

async function watch(venue, rest, symbol, count) {
  const client = exchange(venue, rest);
  const seen = new Map();
  while (seen.size < count) {
    for (const { id, price, amount, timestamp } of await client.watchTrades(symbol))
      seen.set(id, { id, price, amount, timestamp });
  }
  await client.close();
  return [...seen.values()];
}

async function candles(venue, rest, symbol, asked) {
  const client = exchange(venue, rest);
  const found = [];
  for (const { width, since, limit } of asked) found.push(await client.fetchOHLCV(symbol, width, since, limit));
  return found;
}

const TASKS = { read, watch, candles };

process.on('message', ({ number, task, args }) => {
  TASKS[task](...args).then(
    (answer) => process.send({ number, answer }),
    (error) => process.send({ number, error: String(error?.stack ?? error) }),
  );
});
process.on('disconnect', () => process.exit());

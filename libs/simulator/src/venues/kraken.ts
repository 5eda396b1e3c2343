import { Exchange } from '../exchange.js';
import { json, type Route, type Setting, type VenueAnswer } from '../venue.js';
import type { ListingStyle, VenuePair } from '../venue-pair.js';
import { KRAKEN_INTERVALS, krakenOhlc } from './kraken.ohlc.js';

/** Coins from the first years carry an X, currencies a Z; two have names of their own. */
const CODES: Readonly<Record<string, string>> = {
  btc: 'XXBT',
  doge: 'XXDG',
  eth: 'XETH',
  etc: 'XETC',
  ltc: 'XLTC',
  xlm: 'XXLM',
  xmr: 'XXMR',
  xrp: 'XXRP',
  zec: 'XZEC',
  usd: 'ZUSD',
  eur: 'ZEUR',
};
const SHORT: Readonly<Record<string, string>> = { btc: 'XBT', doge: 'XDG' };

const code = (symbol: string): string => CODES[symbol] ?? symbol.toUpperCase();
const short = (symbol: string): string => SHORT[symbol] ?? symbol.toUpperCase();
const altname = (base: string, quote: string): string => short(base) + short(quote);

/** `XXBTZUSD`, but `SOLUSD`, `XDGUSD` and `USDTZUSD`: only pairs of two old names keep the long spelling. */
function spell(base: string, quote: string): string {
  if (base === 'usdt' && quote === 'usd') return 'USDTZUSD';
  return base !== 'doge' && CODES[base] !== undefined ? code(base) + code(quote) : altname(base, quote);
}

export const KRAKEN: ListingStyle = {
  venue: 'kraken',
  spell,
  mainQuote: 'usd',
  otherQuotes: [
    { quote: 'eur', largest: 40 },
    { quote: 'usdt', largest: 15 },
  ],
  stablePairs: [
    ['usdt', 'usd'],
    ['usdc', 'usd'],
    ['usdc', 'usdt'],
  ],
  minDecimals: 1,
  maxDecimals: 10,
  volumeShare: 0.02,
};

/** Kraken's public REST API, faults with status 200: https://docs.kraken.com/api-reference/market-data */
export class KrakenVenue extends Exchange {
  protected readonly routes: readonly Route[] = [
    [
      'GET',
      /^\/0\/public\/Time$/,
      () => this.result({ unixtime: this.seconds(), rfc1123: new Date(this.clock()).toUTCString() }),
    ],
    [
      'GET',
      /^\/0\/public\/SystemStatus$/,
      () => this.result({ status: 'online', timestamp: new Date(this.clock()).toISOString() }),
    ],
    ['GET', /^\/0\/public\/Assets$/, () => this.result(this.assets())],
    [
      'GET',
      /^\/0\/public\/AssetPairs$/,
      ({ query }) => this.forPairs(query.get('pair'), this.pairs, (pair) => this.describe(pair)),
    ],
    [
      'GET',
      /^\/0\/public\/Ticker$/,
      ({ query }) => this.forPairs(query.get('pair'), this.onlinePairs, (pair) => this.ticker(pair)),
    ],
    ['GET', /^\/0\/public\/Trades$/, ({ query }) => this.trades(query)],
    ['GET', /^\/0\/public\/OHLC$/, ({ query }) => this.ohlc(query)],
  ];

  constructor(setting: Setting) {
    super(KRAKEN, setting, { count: 20, windowMs: 15_000 });
  }

  private result(result: unknown): VenueAnswer {
    return json({ error: [], result });
  }

  private seconds(): number {
    return Math.floor(this.clock() / 1000);
  }

  private assets(): object {
    const symbols = new Set(this.pairs.flatMap(({ base, quote }) => [base, quote]));
    const entries = [...symbols].map((symbol) => {
      const fiat = symbol === 'usd' || symbol === 'eur';
      const asset = {
        aclass: 'currency',
        altname: short(symbol),
        decimals: fiat ? 4 : 10,
        display_decimals: fiat ? 2 : 5,
        status: 'enabled',
      };
      return [code(symbol), asset] as const;
    });
    return Object.fromEntries(entries);
  }

  /** Pairs by key, altname or wsname; one unknown pair fails the request. */
  private forPairs(
    asked: string | null,
    all: readonly VenuePair[],
    spellPair: (pair: VenuePair) => object,
  ): VenueAnswer {
    const pairs = asked === null ? all : asked.split(',').map((name) => this.named(name));
    if (pairs.some((pair) => pair === undefined)) return json({ error: ['EQuery:Unknown asset pair'] });
    return this.result(
      Object.fromEntries(pairs.flatMap((pair) => (pair === undefined ? [] : [[pair.id, spellPair(pair)]]))),
    );
  }

  private named(name: string): VenuePair | undefined {
    return (
      this.pair(name) ??
      this.pairs.find(({ base, quote }) => altname(base, quote) === name || `${short(base)}/${short(quote)}` === name)
    );
  }

  private describe({ base, quote, priceDecimals, sizeDecimals, online }: VenuePair): object {
    return {
      altname: altname(base, quote),
      wsname: `${short(base)}/${short(quote)}`,
      aclass_base: 'currency',
      base: code(base),
      aclass_quote: 'currency',
      quote: code(quote),
      lot: 'unit',
      cost_decimals: 5,
      pair_decimals: priceDecimals,
      lot_decimals: Math.max(sizeDecimals, 8),
      lot_multiplier: 1,
      leverage_buy: [],
      leverage_sell: [],
      fees: [[0, 0.4]],
      fees_maker: [[0, 0.25]],
      fee_volume_currency: 'ZUSD',
      margin_call: 80,
      margin_stop: 40,
      ordermin: (10 ** -sizeDecimals).toFixed(sizeDecimals),
      costmin: '0.5',
      tick_size: (10 ** -priceDecimals).toFixed(priceDecimals),
      status: online ? 'online' : 'cancel_only',
    };
  }

  private ticker(pair: VenuePair): object {
    const day = this.day(pair);
    const last = this.last(pair);
    const { bid, ask, bidSize, askSize } = this.book(pair);
    const price = (value: number): string => value.toFixed(pair.priceDecimals);
    const average = price(day.quoteVolume / day.volume);
    const whole = (size: string): string => String(Math.max(1, Math.floor(Number(size))));
    const today = (this.clock() % 86_400_000) / 86_400_000;
    return {
      a: [ask, whole(askSize), Number(askSize).toFixed(3)],
      b: [bid, whole(bidSize), Number(bidSize).toFixed(3)],
      c: [last.priceText, last.size.toFixed(8)],
      v: [(day.volume * today).toFixed(8), day.volume.toFixed(8)],
      p: [average, average],
      t: [Math.round(day.count * today), day.count],
      l: [price(day.low), price(day.low)],
      h: [price(day.high), price(day.high)],
      o: price(day.open),
    };
  }

  private trades(query: URLSearchParams): VenueAnswer {
    const pair = this.named(query.get('pair') ?? '');
    if (pair?.online !== true) return json({ error: ['EQuery:Unknown asset pair'] });
    const trades = this.recent(pair, Math.min(1000, Number(query.get('count') ?? 1000) || 1000));
    const rows = trades.map(({ priceText, size, time, takerBuys, id }) => [
      priceText,
      size.toFixed(8),
      time / 1000,
      takerBuys ? 'b' : 's',
      'm',
      '',
      id,
    ]);
    return this.result({ [pair.id]: rows, last: `${Math.floor(trades.at(-1)?.time ?? 0)}000000` });
  }

  private ohlc(query: URLSearchParams): VenueAnswer {
    const pair = this.named(query.get('pair') ?? '');
    if (pair?.online !== true) return json({ error: ['EQuery:Unknown asset pair'] });
    const [minutes, since] = [Number(query.get('interval') ?? 1), Number(query.get('since') ?? 0)];
    if (!KRAKEN_INTERVALS.includes(minutes) || Number.isNaN(since))
      return json({ error: ['EGeneral:Invalid arguments'] });
    return this.result(krakenOhlc(this, pair, minutes, since));
  }

  protected notFound(): VenueAnswer {
    return json({ error: ['EGeneral:Unknown method'] }, 404);
  }

  /** With status 200, as all its faults. */
  protected tooOften(): VenueAnswer {
    return json({ error: ['EAPI:Rate limit exceeded'] });
  }
}

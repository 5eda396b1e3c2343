import { unit } from '../noise.js';
import { DAY_MS, HOUR_MS } from '../tape.js';
import { json, type Route, type Setting, type VenueAnswer, type VenueRequest } from '../venue.js';
import { indexDay, indexHour, type IndexSeries } from './cryptocompare.histo.js';
import { type IndexEntry, IndexVenue } from './index-venue.js';

const LIMIT = 2000;
const DEFAULT_LIMIT: Readonly<Record<string, number>> = { hour: 168, day: 30 };

/** CryptoCompare, with a key only, faults with status 200: https://min-api.cryptocompare.com/documentation */
export class CryptocompareVenue extends IndexVenue {
  protected readonly routes: readonly Route[] = [
    ['GET', /^\/data\/pricemultifull$/, (request) => this.checked(request, () => this.full(request))],
    ['GET', /^\/data\/pricemulti$/, (request) => this.checked(request, () => this.short(request))],
    ['GET', /^\/data\/all\/coinlist$/, (request) => this.checked(request, () => this.coinList())],
    [
      'GET',
      /^\/data\/(v2\/)?histo(hour|day)$/,
      (request, match) =>
        this.checked(request, () => this.histo(request.query, match[2] ?? '', match[1] !== undefined)),
    ],
  ];

  constructor(setting: Setting) {
    super('cryptocompare', setting, { count: 50, windowMs: 1000 }, 10_000);
  }

  private checked({ headers, query }: VenueRequest, answer: () => VenueAnswer): VenueAnswer {
    const key = /^Apikey\s+(.+)$/i.exec(headers.authorization ?? '')?.[1] ?? query.get('api_key') ?? '';
    const right = this.setting.keys.cryptocompare;
    if (key === '') return fail('You need a valid auth key or api key to access this endpoint', 1);
    return right === undefined || key === right ? answer() : fail('Your api key is not valid', 1);
  }

  /** The first unknown symbol is left out; when none is left there is an error. */
  private asked({ query }: VenueRequest, currencies: string): IndexEntry[] | VenueAnswer {
    const symbols = query.get('fsyms');
    if (symbols === null) return fail('fsyms is a required param.', 2, 'fsyms');
    if (symbols.length > 300) return fail('fsyms param is longer than the allowed 300 characters', 2, 'fsyms');
    if (!query.has(currencies)) return fail(`${currencies} is a required param.`, 2, currencies);
    const wanted = symbols.split(',').map((symbol) => symbol.trim().toLowerCase());
    const found = this.assets.filter(({ symbol }) => wanted.includes(symbol));
    if (found.length === 0)
      return fail(`cccagg_or_exchange market does not exist for this coin pair (${symbols}-USD)`, 2);
    return found.map((asset) => this.entry(asset));
  }

  private full(request: VenueRequest): VenueAnswer {
    const found = this.asked(request, 'tsyms');
    if (!Array.isArray(found)) return found;
    const table = (spell: (entry: IndexEntry) => object): object =>
      Object.fromEntries(found.map((entry) => [entry.asset.symbol.toUpperCase(), { USD: spell(entry) }]));
    return json({ RAW: table(spellRaw), DISPLAY: table(spellDisplay) });
  }

  private short(request: VenueRequest): VenueAnswer {
    const found = this.asked(request, 'tsyms');
    if (!Array.isArray(found)) return found;
    return json(Object.fromEntries(found.map(({ asset, price }) => [asset.symbol.toUpperCase(), { USD: price }])));
  }

  /** Every coin in short, by its symbol. */
  private coinList(): VenueAnswer {
    const lines = this.assets.map(({ symbol, name }, index) => {
      const spelled = symbol.toUpperCase();
      return [
        spelled,
        {
          Id: String(index + 1),
          ImageUrl: `/media/${index + 1}/${symbol}.png`,
          Symbol: spelled,
          FullName: `${name} (${spelled})`,
        },
      ];
    });
    return json({ Response: 'Success', Message: '', Data: Object.fromEntries(lines) as object });
  }

  /** `limit` + 1 buckets up to the one with `toTs` (s) in it. The second version wraps them once more than the first. */
  private histo(query: URLSearchParams, unitName: string, second: boolean): VenueAnswer {
    for (const name of ['fsym', 'tsym']) if (!query.has(name)) return fail(`${name} is a required param.`, 2, name);
    const asset = this.assets.find(({ symbol }) => symbol === query.get('fsym')?.toLowerCase());
    if (asset === undefined) return fail(`There is no data for the symbol ${query.get('fsym')} .`, 2, 'fsym');
    if (query.get('tsym') !== 'USD') return fail(`There is no data for the symbol ${query.get('tsym')} .`, 2, 'tsym');
    const limit = Number(query.get('limit') ?? 0) || (DEFAULT_LIMIT[unitName] ?? 0);
    if (!(limit <= LIMIT && limit >= 1)) return fail('limit is larger than max value.', 2, 'limit');
    const now = this.setting.now();
    const toTs = query.has('toTs') ? Number(query.get('toTs')) * 1000 : now;
    if (Number.isNaN(toTs)) return fail('toTs param is not a timestamp.', 2, 'toTs');
    const [widthMs, bucket] = unitName === 'day' ? [DAY_MS, indexDay] : [HOUR_MS, indexHour];
    const seed = this.seedFor(asset);
    const series: IndexSeries = {
      since: this.since(asset),
      now,
      last: this.entry(asset).price,
      priceAt: (time) => this.priceAt(asset, time),
      volumeOf: (hour) => (asset.volume24h / 24) * (0.5 + unit(seed ^ 0x707e, hour)),
    };
    const last = Math.floor(Math.min(toTs, now) / widthMs);
    const rows: object[] = [];
    for (let number = last - limit; number <= last; number++) {
      if (this.hole(seed, number)) continue;
      const { time, ...cells } = bucket(series, number * widthMs);
      const shown = Object.entries(cells).map(([name, value]) => [name, Number(value.toPrecision(10))]);
      const conversion = { conversionType: 'direct', conversionSymbol: '' };
      rows.push({ time: time / 1000, ...Object.fromEntries(shown), ...conversion });
    }
    const range = { TimeFrom: ((last - limit) * widthMs) / 1000, TimeTo: (last * widthMs) / 1000 };
    const head = { Response: 'Success', Message: '', HasWarning: false, Type: 100, RateLimit: {} };
    if (second) return json({ ...head, Data: { Aggregated: false, ...range, Data: rows } });
    const ConversionType = { type: 'direct', conversionSymbol: '' };
    return json({ ...head, Aggregated: false, ...range, FirstValueInArray: true, ConversionType, Data: rows });
  }

  protected notFound(): VenueAnswer {
    return fail('Path does not exist', 1);
  }

  protected tooOften(): VenueAnswer {
    return fail('You are over your rate limit please upgrade your account!', 99);
  }
}

function fail(message: string, type: number, parameter?: string): VenueAnswer {
  const body = { Response: 'Error', Message: message, HasWarning: false, Type: type, RateLimit: {}, Data: {} };
  return json(parameter === undefined ? body : { ...body, ParamWithError: parameter });
}

function spellRaw({ asset, price, open24h, volume24h, marketCap, updatedAt }: IndexEntry): object {
  const supply = asset.marketCap / asset.price;
  return {
    TYPE: '5',
    MARKET: 'CCCAGG',
    FROMSYMBOL: asset.symbol.toUpperCase(),
    TOSYMBOL: 'USD',
    FLAGS: '2049',
    LASTMARKET: 'Coinbase',
    PRICE: price,
    LASTUPDATE: Math.floor(updatedAt / 1000),
    LASTVOLUME: 0.0123,
    LASTVOLUMETO: 0.0123 * price,
    LASTTRADEID: '784412345',
    VOLUME24HOUR: volume24h / price,
    VOLUME24HOURTO: volume24h,
    OPEN24HOUR: open24h,
    HIGH24HOUR: Math.max(price, open24h) * 1.004,
    LOW24HOUR: Math.min(price, open24h) * 0.996,
    CHANGE24HOUR: price - open24h,
    CHANGEPCT24HOUR: (price / open24h - 1) * 100,
    SUPPLY: supply,
    MKTCAP: marketCap,
    IMAGEURL: `/media/37746251/${asset.symbol}.png`,
  };
}

function spellDisplay({ asset, price, open24h }: IndexEntry): object {
  return {
    FROMSYMBOL: asset.symbol.toUpperCase(),
    TOSYMBOL: '$',
    MARKET: 'CryptoCompare Index',
    PRICE: `$ ${price.toLocaleString('en-US', { maximumFractionDigits: 8 })}`,
    LASTUPDATE: 'Just now',
    CHANGEPCT24HOUR: ((price / open24h - 1) * 100).toFixed(2),
  };
}

import type { SimulatedAsset } from '../assets.js';
import { unit } from '../noise.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../tape.js';
import { json, type Route, type Setting, type VenueAnswer, type VenueRequest } from '../venue.js';
import { shown, spellCoin, spellGlobal } from './coingecko.markets.js';
import { type IndexEntry, IndexVenue } from './index-venue.js';

const FIVE_MINUTES_MS = 5 * MINUTE_MS;
/** Points are an hour apart up to here. */
const HOURLY_DAYS = 90;
/** How far back one may look without paying. */
const PUBLIC_DAYS = 365;
const BEYOND = {
  error: {
    status: {
      error_code: 10012,
      error_message:
        'Your request exceeds the allowed time range. Public API users are limited to querying historical data within the past 365 days. Upgrade to a paid plan to enjoy full historical data access: https://www.coingecko.com/en/api/pricing.',
    },
  },
};

interface ChartPoint {
  /** Epoch ms. */
  readonly time: number;
  readonly price: number;
}

/** CoinGecko, keyless and demo: https://docs.coingecko.com/reference/simple-price */
export class CoingeckoVenue extends IndexVenue {
  protected readonly routes: readonly Route[] = [
    ['GET', /^\/api\/v3\/ping$/, () => json({ gecko_says: '(V3) To the Moon!' })],
    ['GET', /^\/api\/v3\/simple\/price$/, (request) => this.simplePrice(request)],
    ['GET', /^\/api\/v3\/coins\/markets$/, (request) => this.markets(request)],
    ['GET', /^\/api\/v3\/global$/, () => json(spellGlobal(this.asked(null)))],
    ['GET', /^\/api\/v3\/coins\/([^/]+)\/market_chart$/, ({ query }, match) => this.marketChart(match[1] ?? '', query)],
    [
      'GET',
      /^\/api\/v3\/coins\/list$/,
      () => json(this.assets.map(({ coingeckoId, symbol, name }) => ({ id: coingeckoId, symbol, name }))),
    ],
  ];

  constructor(setting: Setting) {
    super('coingecko', setting, { count: 30, windowMs: 60_000 }, 10_000);
  }

  /** Ids nobody knows are left out without a word; one with a space before it is such an id. */
  private asked(ids: string | null): IndexEntry[] {
    const wanted = ids?.split(',');
    return this.assets
      .filter(({ coingeckoId }) => wanted === undefined || wanted.includes(coingeckoId))
      .map((asset) => this.entry(asset));
  }

  private simplePrice({ query }: VenueRequest): VenueAnswer {
    const currencies = query.get('vs_currencies');
    if (currencies === null) return json({ error: 'Missing parameter vs_currencies' }, 422);
    if (!query.has('ids')) return json({ error: 'Missing parameter ids' }, 422);
    if (!currencies.split(',').includes('usd')) return json({});
    const full = query.get('precision') === 'full';
    const wants = (name: string): boolean => query.get(name) === 'true';
    return json(
      Object.fromEntries(
        this.asked(query.get('ids')).map((entry) => [
          entry.asset.coingeckoId,
          {
            usd: full ? entry.price : shown(entry.price),
            ...(wants('include_market_cap') && { usd_market_cap: entry.marketCap }),
            ...(wants('include_24hr_vol') && { usd_24h_vol: entry.volume24h }),
            ...(wants('include_24hr_change') && { usd_24h_change: (entry.price / entry.open24h - 1) * 100 }),
            ...(wants('include_last_updated_at') && { last_updated_at: Math.floor(entry.updatedAt / 1000) }),
          },
        ]),
      ),
    );
  }

  private markets({ query }: VenueRequest): VenueAnswer {
    if (!query.has('vs_currency')) return json({ error: 'Missing parameter vs_currency' }, 422);
    const size = Math.min(250, Number(query.get('per_page') ?? 100) || 100);
    const from = ((Number(query.get('page') ?? 1) || 1) - 1) * size;
    return json(
      this.asked(query.get('ids'))
        .slice(from, from + size)
        .map((entry) => spellCoin(entry, query)),
    );
  }

  /**
   * Points of the last `days`: every 5 minutes of one, every hour up to 90, else every midnight; and one of the last price
   * that is known. https://docs.coingecko.com/reference/coins-id-market-chart
   */
  private marketChart(id: string, query: URLSearchParams): VenueAnswer {
    for (const name of ['vs_currency', 'days']) {
      if (!query.has(name)) return json({ error: `Missing parameter ${name}` }, 422);
    }
    if (query.get('vs_currency') !== 'usd') return json({ error: 'invalid vs_currency' }, 400);
    const asset = this.assets.find(({ coingeckoId }) => coingeckoId === decodeURIComponent(id));
    if (asset === undefined) return json({ error: 'coin not found' }, 404);
    const days = query.get('days') === 'max' ? Infinity : Number(query.get('days'));
    if (!(days > 0)) return json({ error: 'invalid days' }, 422);
    if (days > PUBLIC_DAYS) return json(BEYOND, 401);
    const points = this.points(asset, days, query.get('interval') === 'daily');
    const supply = asset.marketCap / asset.price;
    const full = query.get('precision') === 'full';
    return json({
      prices: points.map(({ time, price }) => [time, full ? price : Number(price.toPrecision(8))]),
      market_caps: points.map(({ time, price }) => [time, price * supply]),
      total_volumes: points.map(({ time }) => [time, this.volumeAt(asset, time)]),
    });
  }

  private points(asset: SimulatedAsset, days: number, daily: boolean): ChartPoint[] {
    const now = this.setting.now();
    const stepMs = daily || days > HOURLY_DAYS ? DAY_MS : days > 1 ? HOUR_MS : FIVE_MINUTES_MS;
    const seed = this.seedFor(asset);
    const points: ChartPoint[] = [];
    const from = Math.max(now - days * DAY_MS, this.since(asset));
    for (let step = Math.floor(from / stepMs); step * stepMs <= now; step++) {
      // The index notes a point some time after it is due.
      const late = stepMs === DAY_MS ? 0 : 5000 + Math.floor(unit(seed ^ stepMs, step) * 75_000);
      const time = step * stepMs + late;
      if (time < from || time > now || this.hole(seed, step)) continue;
      points.push({ time, price: this.priceAt(asset, time) });
    }
    const { price, updatedAt } = this.entry(asset);
    return [...points, { time: updatedAt, price }];
  }

  protected notFound(): VenueAnswer {
    return json({ error: 'Incorrect path. Please check https://www.coingecko.com/api/' }, 404);
  }

  protected tooOften(): VenueAnswer {
    const error_message = "You've exceeded the Rate Limit. Please visit https://www.coingecko.com/en/api/pricing";
    return json({ status: { error_code: 429, error_message } }, 429);
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { isSourceId, isStreamId, SOURCE_IDS, type SourceId, type StreamId } from '@haunt/domain';
import { control } from './control.js';
import type { Fault, FaultKind } from './faults.js';
import { Market } from './market.js';
import { moodAnswer } from './mood.js';
import { StreamVenue } from './stream-venue.js';
import type { Setting, VenueAnswer, Venue, VenueStats, Violation } from './venue.js';
import { chosenSymbols, type ListingStyle, shareFor } from './venue-pair.js';
import { BINANCE, BinanceVenue } from './venues/binance.js';
import { BYBIT, BybitVenue } from './venues/bybit.js';
import { COINBASE, CoinbaseVenue } from './venues/coinbase.js';
import { CoingeckoVenue } from './venues/coingecko.js';
import { CoinmarketcapVenue } from './venues/coinmarketcap.js';
import { CryptocompareVenue } from './venues/cryptocompare.js';
import { HUOBI, HuobiVenue } from './venues/huobi.js';
import { KrakenVenue } from './venues/kraken.js';
import { KUCOIN, KucoinVenue } from './venues/kucoin.js';
import { OKX, OkxVenue } from './venues/okx.js';

export interface SimulatorOptions {
  /** The same seed makes the same prices and trades; default 1. */
  readonly seed?: number;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Asset symbols, any case; default: a hundred. usdt and usdc are always there. */
  readonly symbols?: readonly string[];
  /** How far venues are apart, basis points; default 3. */
  readonly spreadBps?: number;
  /** Trades per second of all streaming venues together, if every main pair is subscribed; default 400. */
  readonly tradesPerSecond?: number;
  /** What lasts 24 h at a venue (connections, tokens) lasts 24 h divided by this; default 1. */
  readonly timeScale?: number;
  /** The only API keys accepted; a venue that is not named takes any key. */
  readonly keys?: Readonly<Partial<Record<SourceId, string>>>;
  /** Epoch ms; default Date.now. A clock that stands still freezes the market. */
  readonly now?: () => number;
  /** How often trades are made, ms; default 20. */
  readonly everyMs?: number;
}

/** What each streaming venue lists, and where its WebSocket is, below its prefix. */
const STREAMS: Readonly<Record<StreamId, { readonly style: ListingStyle; readonly path: string }>> = {
  coinbase: { style: COINBASE, path: '/ws' },
  binance: { style: BINANCE, path: '/stream' },
  kucoin: { style: KUCOIN, path: '/endpoint' },
  okx: { style: OKX, path: '/ws/v5/public' },
  huobi: { style: HUOBI, path: '/ws' },
  bybit: { style: BYBIT, path: '/v5/public/spot' },
};
const STYLES = Object.values(STREAMS).map(({ style }) => style);
/** Beside the venues: the fear and greed index. */
const MOOD = 'feargreed';
const VIOLATIONS_KEPT = 1000;
const MARK = { 'x-haunt-simulated': '1' };

/** All fake venues on one port, each below its name: `http://127.0.0.1:4010/okx`, `ws://127.0.0.1:4010/okx/ws/v5/public`. */
export class Simulator {
  readonly market: Market;
  readonly venues: Readonly<Record<SourceId, Venue>>;
  /** Rules that clients broke, the last thousand. */
  readonly violations: Violation[] = [];
  private readonly server: Server;
  private readonly sockets = new Set<Duplex>();
  private readonly now: () => number;
  private began: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** Starts listening. @throws Error when the port is taken or an option makes no sense. */
  static async start(options: SimulatorOptions = {}): Promise<Simulator> {
    const simulator = new Simulator(options);
    await new Promise<void>((resolve, reject) => {
      simulator.server.once('error', reject);
      simulator.server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
    });
    simulator.timer = setInterval(() => simulator.round(), options.everyMs ?? 20);
    return simulator;
  }

  private constructor(private readonly options: SimulatorOptions) {
    const { seed = 1, spreadBps = 3, tradesPerSecond = 400, timeScale = 1, keys = {} } = options;
    for (const [name, value] of Object.entries({ spreadBps, tradesPerSecond, timeScale })) {
      if (!Number.isFinite(value) || value < 0 || (name !== 'spreadBps' && value === 0)) {
        throw new RangeError(`${name} must be a positive number, not ${value}`);
      }
    }
    const symbols = chosenSymbols(options.symbols);
    this.now = options.now ?? Date.now;
    this.market = new Market(seed);
    const setting: Setting = {
      seed,
      market: this.market,
      spread: spreadBps / 10_000,
      symbols,
      shareOfTrades: shareFor(seed, STYLES, symbols, tradesPerSecond),
      now: this.now,
      began: () => (this.began ??= this.now()),
      timeScale,
      keys,
      violate: (violation) => {
        this.violations.push(violation);
        if (this.violations.length > VIOLATIONS_KEPT) this.violations.shift();
      },
    };
    this.venues = {
      coinbase: new CoinbaseVenue(setting),
      binance: new BinanceVenue(setting),
      kucoin: new KucoinVenue(setting),
      okx: new OkxVenue(setting),
      huobi: new HuobiVenue(setting),
      kraken: new KrakenVenue(setting),
      coingecko: new CoingeckoVenue(setting),
      coinmarketcap: new CoinmarketcapVenue(setting),
      cryptocompare: new CryptocompareVenue(setting),
      bybit: new BybitVenue(setting),
    };
    this.server = createServer((request, response) => void this.request(request, response));
    this.server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    // A socket that hangs is one of our faults, not Node's to end.
    this.server.requestTimeout = 0;
    this.server.keepAliveTimeout = 60_000;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Where each venue is to be found. */
  get addresses(): Record<SourceId, { readonly rest: string; readonly ws?: string }> {
    const host = `${this.options.host ?? '127.0.0.1'}:${this.port}`;
    const entries = SOURCE_IDS.map((id) => {
      const path = isStreamId(id) ? STREAMS[id].path : undefined;
      return [
        id,
        { rest: `http://${host}/${id}`, ...(path !== undefined && { ws: `ws://${host}/${id}${path}` }) },
      ] as const;
    });
    return Object.fromEntries(entries) as Record<SourceId, { rest: string; ws?: string }>;
  }

  /** The environment that points Haunt at these venues: `*_REST_URL`, `*_WS_URL`, and the keys that were set. */
  get env(): Record<string, string> {
    const env: Record<string, string> = {};
    for (const [id, { rest, ws }] of Object.entries(this.addresses)) {
      env[`${id.toUpperCase()}_REST_URL`] = rest;
      if (ws !== undefined) env[`${id.toUpperCase()}_WS_URL`] = ws;
    }
    env['FEARGREED_REST_URL'] = `http://${this.options.host ?? '127.0.0.1'}:${this.port}/${MOOD}`;
    for (const [id, key] of Object.entries(this.options.keys ?? {})) env[`${id.toUpperCase()}_API_KEY`] = key;
    return env;
  }

  get stats(): Record<SourceId, VenueStats> {
    return Object.fromEntries(SOURCE_IDS.map((id) => [id, { ...this.venues[id].stats }])) as Record<
      SourceId,
      VenueStats
    >;
  }

  /** Lets a venue misbehave until it is healed, or for `forMs`. */
  fault(venue: SourceId | 'all', fault: Fault, { forMs }: { readonly forMs?: number } = {}): void {
    for (const id of venue === 'all' ? SOURCE_IDS : [venue]) this.venues[id].fault(fault, forMs);
  }

  /** Ends one kind of fault, or all of them. */
  heal(venue: SourceId | 'all' = 'all', kind?: FaultKind): void {
    for (const id of venue === 'all' ? SOURCE_IDS : [venue]) this.venues[id].heal(kind);
  }

  /** From now on (or `at`, epoch ms) `symbol` is worth `rate` times its peg; 1 restores it. */
  depeg(
    symbol: string,
    rate: number,
    { at = this.now(), overMs = 0 }: { readonly at?: number; readonly overMs?: number } = {},
  ): void {
    this.market.depeg(symbol, rate, at, overMs);
  }

  /** Does what is due now; the timer calls it, tests with a clock of their own may too. */
  round(): void {
    const now = this.now();
    this.began ??= now;
    for (const id of SOURCE_IDS) this.venues[id].round(now);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    for (const id of SOURCE_IDS) this.venues[id].stop();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.began ??= this.now();
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, prefix = '', ...rest] = url.pathname.split('/');
    if (prefix === 'control') return reply(response, await control(this, request));
    if (prefix === MOOD && rest[0] === 'fng') {
      return reply(response, moodAnswer(this.market.seed, this.now(), url.searchParams));
    }
    const venue = isSourceId(prefix) ? this.venues[prefix] : undefined;
    if (venue === undefined) {
      const error = `no venue at /${prefix}; there are ${SOURCE_IDS.join(', ')}, /${MOOD}/fng and /control`;
      return reply(response, { status: 404, body: JSON.stringify({ error }) });
    }
    const refused = venue.faults.get('refuse');
    if (refused?.how === 'reset') return void request.socket.destroy();
    if (refused !== undefined) return reply(response, { status: 503, body: 'Service Unavailable', type: 'text/plain' });
    request.resume();
    const answer = venue.answer({
      method: request.method ?? 'GET',
      path: `/${rest.join('/')}`,
      query: url.searchParams,
      headers: request.headers,
      host: request.headers.host ?? '',
      remote: request.socket.remoteAddress ?? '',
    });
    if (answer === undefined) return;
    if (answer.delayMs === undefined || answer.delayMs === 0) reply(response, answer);
    else setTimeout(() => reply(response, answer), answer.delayMs).unref();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const prefix = url.pathname.split('/')[1] ?? '';
    const venue = isSourceId(prefix) ? this.venues[prefix] : undefined;
    if (venue instanceof StreamVenue) venue.upgrade(request, socket, head, url);
    else socket.end('HTTP/1.1 404 Not Found\r\nx-haunt-simulated: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  }
}

function reply(response: ServerResponse, { status, body, type, headers }: VenueAnswer): void {
  response.writeHead(status, { 'content-type': type ?? 'application/json', ...MARK, ...headers });
  response.end(body);
}

import { isSourceId, SOURCE_IDS, type SourceId } from '@haunt/domain';

/** How a venue can misbehave. Several at once are possible, one of each kind. */
export type Fault =
  /** Closes every socket now, without a close frame. Happens once. */
  | { readonly kind: 'drop' }
  /** Stays connected and sends no data; `pings: false` stops protocol pings, pongs and heartbeats too. */
  | { readonly kind: 'silence'; readonly pings?: boolean; readonly symbols?: readonly string[] }
  /** Sockets stay open and nothing is read or sent any more; new ones are accepted and never answered. */
  | { readonly kind: 'half-open' }
  /** Malformed frames between the good ones: so many per good one. */
  | { readonly kind: 'garbage'; readonly share?: number }
  /** So many trades for each one. */
  | { readonly kind: 'flood'; readonly times: number }
  /** Frames and answers come that much later. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** New connections and requests get 503, or are reset. */
  | { readonly kind: 'refuse'; readonly how?: '503' | 'reset' }
  /** Every timestamp is off by that much. */
  | { readonly kind: 'clock'; readonly skewMs: number }
  /** That share of trade frames comes twice. */
  | { readonly kind: 'duplicates'; readonly share?: number }
  /** That share of trade frames comes after its successor. */
  | { readonly kind: 'reorder'; readonly share?: number }
  | { readonly kind: 'price'; readonly factor: number; readonly symbols?: readonly string[] }
  /** Trades go on, the price does not move. */
  | { readonly kind: 'stuck'; readonly symbols?: readonly string[] }
  /** That share of numbers in frames and answers becomes null, an empty string or NaN. */
  | { readonly kind: 'nulls'; readonly share?: number }
  /** 429 with Retry-After to requests and new connections. */
  | { readonly kind: 'rate-limit'; readonly retryAfterS?: number }
  | { readonly kind: 'server-error' }
  /** 200 with a web page where JSON is due. */
  | { readonly kind: 'html' }
  /** Answers in the right shape, every number in them 0. */
  | { readonly kind: 'zeros' }
  /** Answers in the right shape with nothing in their lists. */
  | { readonly kind: 'empty' }
  /** That share of past buckets is missing from answers. */
  | { readonly kind: 'holes'; readonly share?: number }
  /** Requests are never answered. */
  | { readonly kind: 'hang' }
  /** The venue announces that it goes (Binance `serverShutdown`, OKX notice 64008), and cuts after `afterMs`. Happens once. */
  | { readonly kind: 'shutdown'; readonly afterMs?: number };

export type FaultKind = Fault['kind'];
export type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;

/** What each kind takes: number ranges, lists, flags. */
const FIELDS: Readonly<
  Record<FaultKind, Readonly<Record<string, readonly [number, number] | 'symbols' | 'flag' | readonly string[]>>>
> = {
  drop: {},
  silence: { pings: 'flag', symbols: 'symbols' },
  'half-open': {},
  garbage: { share: [0, 100] },
  flood: { times: [1, 10_000] },
  slow: { delayMs: [0, 600_000] },
  refuse: { how: ['503', 'reset'] },
  clock: { skewMs: [-1e12, 1e12] },
  duplicates: { share: [0, 1] },
  reorder: { share: [0, 1] },
  price: { factor: [1e-9, 1e9], symbols: 'symbols' },
  stuck: { symbols: 'symbols' },
  nulls: { share: [0, 1] },
  'rate-limit': { retryAfterS: [0, 86_400] },
  'server-error': {},
  html: {},
  zeros: {},
  empty: {},
  holes: { share: [0, 1] },
  hang: {},
  shutdown: { afterMs: [0, 600_000] },
};
const REQUIRED: Readonly<Partial<Record<FaultKind, string>>> = {
  flood: 'times',
  slow: 'delayMs',
  clock: 'skewMs',
  price: 'factor',
};

function isKind(value: unknown): value is FaultKind {
  return typeof value === 'string' && Object.hasOwn(FIELDS, value);
}

/** A control order in words: `{ venue, fault, ...its fields, forMs? }`. @throws Error that says what is wrong and allowed. */
export function parseFault(body: Readonly<Record<string, unknown>>): {
  venues: readonly SourceId[];
  fault: Fault;
  forMs: number | undefined;
} {
  const { fault: kind, forMs } = body;
  if (!isKind(kind))
    throw new Error(`fault ${JSON.stringify(kind)} is unknown; allowed: ${Object.keys(FIELDS).join(', ')}`);
  const fault: Record<string, unknown> = { kind };
  for (const [name, rule] of Object.entries(FIELDS[kind])) {
    const value = body[name];
    if (value === undefined) {
      if (REQUIRED[kind] === name) throw new Error(`fault ${kind} needs ${name}`);
      continue;
    }
    checkField(`${kind}.${name}`, value, rule);
    fault[name] = value;
  }
  if (forMs !== undefined) checkField('forMs', forMs, [0, 1e9]);
  return { venues: parseVenues(body['venue']), fault: fault as Fault, forMs: forMs as number | undefined };
}

/** One venue, or `all`. @throws Error naming what is allowed. */
export function parseVenues(venue: unknown): readonly SourceId[] {
  if (venue === 'all') return SOURCE_IDS;
  if (typeof venue === 'string' && isSourceId(venue)) return [venue];
  throw new Error(`venue ${JSON.stringify(venue)} is unknown; allowed: all, ${SOURCE_IDS.join(', ')}`);
}

function checkField(
  name: string,
  value: unknown,
  rule: readonly [number, number] | 'symbols' | 'flag' | readonly string[],
): void {
  if (rule === 'flag') {
    if (typeof value !== 'boolean') throw new Error(`${name} must be true or false, not ${JSON.stringify(value)}`);
  } else if (rule === 'symbols') {
    if (!Array.isArray(value) || !value.every((symbol) => typeof symbol === 'string')) {
      throw new Error(`${name} must be a list of asset symbols, not ${JSON.stringify(value)}`);
    }
  } else if (typeof rule[0] === 'string') {
    if (!rule.some((allowed) => allowed === value)) throw new Error(`${name} must be one of ${rule.join(', ')}`);
  } else {
    const [from = 0, to = 0] = rule as readonly number[];
    if (typeof value !== 'number' || !(value >= from && value <= to)) {
      throw new Error(`${name} must be a number from ${from} to ${to}, not ${JSON.stringify(value)}`);
    }
  }
}

/** The faults one venue has at the moment. */
export class ActiveFaults {
  private readonly active = new Map<
    FaultKind,
    { readonly fault: Fault; readonly since: number; readonly until: number }
  >();

  set(fault: Fault, since: number, until = Infinity): void {
    this.active.set(fault.kind, { fault, since, until });
  }

  clear(kind?: FaultKind): void {
    if (kind === undefined) this.active.clear();
    else this.active.delete(kind);
  }

  /** Ends those whose time is over. */
  expire(now: number): FaultKind[] {
    const ended: FaultKind[] = [];
    for (const [kind, { until }] of this.active) if (now >= until) ended.push(kind);
    for (const kind of ended) this.active.delete(kind);
    return ended;
  }

  get<K extends FaultKind>(kind: K): FaultOf<K> | undefined {
    return this.active.get(kind)?.fault as FaultOf<K> | undefined;
  }

  since(kind: FaultKind): number | undefined {
    return this.active.get(kind)?.since;
  }

  /** Whether a fault that may be limited to some assets concerns this one. */
  concerns(kind: 'silence' | 'price' | 'stuck', symbol: string): boolean {
    const fault = this.get(kind);
    return fault !== undefined && (fault.symbols === undefined || fault.symbols.includes(symbol));
  }

  get kinds(): FaultKind[] {
    return [...this.active.keys()];
  }

  get any(): boolean {
    return this.active.size > 0;
  }
}

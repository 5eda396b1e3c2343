import { isSourceId, SOURCE_IDS, SOURCES, type SourceId } from '@haunt/domain';
import { isIP } from 'node:net';
import type { Config } from './config.js';

/** One environment variable: what it is for, what it may be, and how it is read. */
export interface Setting<T> {
  readonly env: string;
  readonly description: string;
  /** What applies when the variable is unset, as one would write it; absent: nothing does. */
  readonly fallback?: string;
  /** Ends the sentence "allowed is ...". */
  readonly allowed: string;
  /** Its value appears nowhere: not in an error, not in the log. */
  readonly secret?: boolean;
  /** Undefined when the text is not allowed. */
  parse(text: string): T | undefined;
}

/** A start that cannot be: `message` is one line that names each variable, its value and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
  }
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

type Plain = Omit<Config, 'addresses' | 'keys'>;

const integer =
  (from: number, to: number) =>
  (text: string): number | undefined => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    return value >= from && value <= to ? value : undefined;
  };

const url = (...protocols: string[]) => {
  return (text: string): string | undefined => {
    if (!URL.canParse(text)) return undefined;
    const parsed = new URL(text);
    return protocols.includes(parsed.protocol) && parsed.hostname !== '' ? text.replace(/\/+$/, '') : undefined;
  };
};

/** A comma list without empty entries, each accepted by `entry`; repeats are dropped. */
function list<T>(text: string, entry: (text: string) => T | undefined): readonly T[] | undefined {
  const entries = text.split(',').map((part) => entry(part.trim()));
  const valid = entries.filter((value): value is NonNullable<typeof value> => value !== undefined);
  return valid.length === entries.length ? [...new Set(valid)] : undefined;
}

function symbol(text: string): string | undefined {
  const lower = text.toLowerCase();
  return /^[a-z0-9$][a-z0-9$._+-]{0,19}$/.test(lower) ? lower : undefined;
}

function source(text: string): SourceId | undefined {
  const lower = text.toLowerCase();
  return isSourceId(lower) ? lower : undefined;
}

function origin(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const parsed = new URL(text);
  const bare = parsed.origin === text.replace(/\/$/, '').toLowerCase();
  return bare && /^https?:$/.test(parsed.protocol) ? parsed.origin : undefined;
}

function flag(text: string): boolean | undefined {
  if (/^(1|true)$/i.test(text)) return true;
  return /^(0|false)$/i.test(text) ? false : undefined;
}

function share(text: string): number | undefined {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  return value <= 1 ? value : undefined;
}

function host(text: string): string | undefined {
  return isIP(text) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text) ? text : undefined;
}

/** An IP address, or a range of them as `10.0.0.0/8`. */
function network(text: string): string | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || rest.length > 0) return undefined;
  return prefix === undefined || integer(0, family === 6 ? 128 : 32)(prefix) !== undefined ? text : undefined;
}

/** Every variable that stands for itself; the ones per source are made by `sourceSettings`. */
export const SETTINGS: { readonly [K in keyof Plain]-?: Setting<NonNullable<Plain[K]>> } = {
  port: {
    env: 'PORT',
    description: 'Where the gateway serves REST, Socket.IO, `/ws` and the docs; 0 takes any free port.',
    fallback: '3001',
    allowed: 'a port number, 0 to 65535',
    parse: integer(0, 65_535),
  },
  host: {
    env: 'HOST',
    description: 'Address to listen on; `0.0.0.0` lets other machines in.',
    fallback: '127.0.0.1',
    allowed: 'an IP address or a host name',
    parse: host,
  },
  healthPort: {
    env: 'HEALTH_PORT',
    description: 'Where an app other than the gateway serves `/health` and `/metrics`; 0 takes any free port.',
    fallback: '0',
    allowed: 'a port number, 0 to 65535',
    parse: integer(0, 65_535),
  },
  redisUrl: {
    env: 'REDIS_URL',
    description: 'Redis for bus and store. Unset: everything in this process, kept in files under `DATA_DIR`.',
    allowed: 'a redis:// or rediss:// URL, such as redis://127.0.0.1:6379',
    parse: url('redis:', 'rediss:'),
  },
  dataDir: {
    env: 'DATA_DIR',
    description: 'Folder of the embedded store and of the log file of `npm start`; made when it is not there.',
    fallback: './data',
    allowed: 'a path',
    parse: (text) => (text.includes('\0') ? undefined : text),
  },
  logLevel: {
    env: 'LOG_LEVEL',
    description: 'The least important level that is logged.',
    fallback: 'info',
    allowed: `one of ${LOG_LEVELS.join(', ')}`,
    parse: (text) => LOG_LEVELS.find((level) => level === text.toLowerCase()),
  },
  symbols: {
    env: 'SYMBOLS',
    description:
      'Assets to follow, such as `btc,eth,sol`. Unset: the 500 largest that are listed, the built-in hundred until then.',
    allowed: 'a comma list of asset symbols without empty entries (letters, digits and $ . _ + -, at most 20 each)',
    parse: (text) => list(text, symbol),
  },
  sources: {
    env: 'SOURCES',
    description: 'Sources to ask.',
    fallback: 'all',
    allowed: `all, or a comma list of ${SOURCE_IDS.join(', ')}`,
    parse: (text) => (text.toLowerCase() === 'all' ? SOURCE_IDS : list(text, source)),
  },
  partitions: {
    env: 'PARTITIONS',
    description: 'Logs that the assets are spread over; the same in every process of an installation.',
    fallback: '1',
    allowed: 'a whole number, 1 to 64',
    parse: integer(1, 64),
  },
  replicaIndex: {
    env: 'REPLICA_INDEX',
    description:
      'Which of `REPLICAS` aggregators this one is, from 0: partition p is at home where p modulo `REPLICAS` is the index, and ' +
      'is held elsewhere only while nobody is there. Unset: every aggregator takes what is free.',
    allowed: 'a whole number, 0 to 63, below `REPLICAS`',
    parse: integer(0, 63),
  },
  replicas: {
    env: 'REPLICAS',
    description: 'How many aggregators there are; goes with `REPLICA_INDEX`.',
    allowed: 'a whole number, 1 to 64',
    parse: integer(1, 64),
  },
  apiToken: {
    env: 'API_TOKEN',
    description: 'Asked for (`Authorization: Bearer ...`) by the routes that spend quota. Unset: they are open.',
    allowed: 'printable characters without spaces',
    secret: true,
    parse: (text) => (/^[\x21-\x7e]+$/.test(text) ? text : undefined),
  },
  corsOrigins: {
    env: 'CORS_ORIGINS',
    description: 'Web pages that may call the API from a browser.',
    fallback: '*',
    allowed: '* or a comma list of origins, such as https://example.org',
    parse: (text) => (text === '*' ? '*' : list(text, origin)),
  },
  simulated: {
    env: 'SIMULATED',
    description: 'Says on every surface that what is served is made up; `npm run demo` sets it.',
    fallback: '0',
    allowed: '1 or 0',
    parse: flag,
  },
  connectionsPerAddress: {
    env: 'CONNECTIONS_PER_ADDRESS',
    description: 'Open sockets that one client address may hold; behind a proxy see `TRUSTED_PROXIES`.',
    fallback: '10000',
    allowed: 'a whole number, 1 to 1000000',
    parse: integer(1, 1_000_000),
  },
  connectionsMax: {
    env: 'CONNECTIONS_MAX',
    description: 'Open sockets in all.',
    fallback: '20000',
    allowed: 'a whole number, 1 to 1000000',
    parse: integer(1, 1_000_000),
  },
  trustedProxies: {
    env: 'TRUSTED_PROXIES',
    description: 'Reverse proxies before the gateway: theirs is the only `X-Forwarded-For` that is believed.',
    allowed: 'a comma list of IP addresses and CIDR ranges, such as 10.0.0.0/8,192.0.2.7',
    parse: (text) => list(text, network),
  },
  assetsPerClient: {
    env: 'ASSETS_PER_CLIENT',
    description: 'Assets that one client may subscribe to.',
    fallback: '1000',
    allowed: 'a whole number, 1 to 100000',
    parse: integer(1, 100_000),
  },
  drainMs: {
    env: 'DRAIN_MS',
    description:
      'Milliseconds that the gateway goes on serving after SIGTERM while its readiness says no, so that balancers can ' +
      'notice; `SHUTDOWN_MS` begins behind them.',
    fallback: '0',
    allowed: 'a whole number, 0 to 600000',
    parse: integer(0, 600_000),
  },
  shutdownMs: {
    env: 'SHUTDOWN_MS',
    description: 'Milliseconds for a clean end after SIGTERM or Ctrl-C; what is not done by then is cut off.',
    fallback: '10000',
    allowed: 'a whole number, 100 to 600000',
    parse: integer(100, 600_000),
  },
  otlpEndpoint: {
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    description:
      'Where OpenTelemetry traces are sent, over HTTP, such as http://127.0.0.1:4318. Unset: there are none.',
    allowed: 'an http:// or https:// URL',
    parse: url('http:', 'https:'),
  },
  traceShare: {
    env: 'OTEL_TRACES_SAMPLER_ARG',
    description: 'Share of tick batches, requests and seeding jobs that are traced, unless who asks has decided it.',
    fallback: '0.01',
    allowed: 'a number, 0 to 1',
    parse: share,
  },
  fearGreedRestUrl: {
    env: 'FEARGREED_REST_URL',
    description:
      'REST address of the fear and greed index, for a proxy or a test; https://api.alternative.me when unset.',
    allowed: 'an http:// or https:// URL',
    parse: url('http:', 'https:'),
  },
};

/** Sources that have a key to give. */
const KEYED: readonly SourceId[] = ['coingecko', 'coinmarketcap', 'cryptocompare'];

interface SourceSettings {
  readonly ws?: Setting<string>;
  readonly rest: Setting<string>;
  readonly key?: Setting<string>;
}

const prefix = (id: SourceId): string => id.toUpperCase();

/** The variables of one source: its addresses, and its key where there is one. */
export function sourceSettings(id: SourceId): SourceSettings {
  const { name, feed } = SOURCES[id];
  return {
    ...(feed === 'stream' && {
      ws: {
        env: `${prefix(id)}_WS_URL`,
        description: `WebSocket address of ${name}, for a proxy, a regional host or a test.`,
        allowed: 'a ws:// or wss:// URL',
        parse: url('ws:', 'wss:'),
      },
    }),
    rest: {
      env: `${prefix(id)}_REST_URL`,
      description: `REST address of ${name}, for a proxy, a regional host or a test.`,
      allowed: 'an http:// or https:// URL',
      parse: url('http:', 'https:'),
    },
    ...(KEYED.includes(id) && {
      key: {
        env: `${prefix(id)}_API_KEY`,
        description:
          id === 'coingecko' ? `Key of ${name}; it answers a little without.` : `Key of ${name}; disabled without.`,
        allowed: 'printable characters without spaces',
        secret: true,
        parse: (text: string) => (/^[\x21-\x7e]+$/.test(text) ? text : undefined),
      },
    }),
  };
}

/** Every setting there is, in the order of the documentation. */
export function allSettings(): readonly Setting<unknown>[] {
  const perSource = SOURCE_IDS.flatMap((id) => {
    const { ws, rest, key } = sourceSettings(id);
    return [ws, rest, key].filter((setting) => setting !== undefined);
  });
  return [...Object.values(SETTINGS), ...perSource];
}

import { type SourceId } from '@haunt/domain';

/** Nest token: `constructor(@Inject(CONFIG) private readonly config: Config)`, with `import type { Config }`. */
export const CONFIG = Symbol('Config');

/** What the processes run by, read once from the environment before anything starts. Absent = the user did not say. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Where an app other than the gateway serves /health and /metrics; 0 = any free port. */
  readonly healthPort: number;
  /** Absent: embedded bus and store. */
  readonly redisUrl: string | undefined;
  readonly dataDir: string;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Lower case; absent: the built-in top list. */
  readonly symbols: readonly string[] | undefined;
  readonly sources: readonly SourceId[];
  readonly partitions: number;
  /** Which of `replicas` aggregators this one is, from 0; both or neither is there. */
  readonly replicaIndex: number | undefined;
  readonly replicas: number | undefined;
  readonly apiToken: string | undefined;
  /** `*` or a list of origins. */
  readonly corsOrigins: '*' | readonly string[];
  /** Everything served is made up, and says so. */
  readonly simulated: boolean;
  readonly addresses: Readonly<Partial<Record<SourceId, { readonly ws?: string; readonly rest?: string }>>>;
  /** Where the fear and greed index is asked, instead of the usual address. */
  readonly fearGreedRestUrl: string | undefined;
  /** Where traces are sent (OTLP over HTTP); absent: none are made. */
  readonly otlpEndpoint?: string | undefined;
  /** Share of batches and requests that are traced, 0..1; 1 in 100 when absent. */
  readonly traceShare?: number | undefined;
  readonly keys: Readonly<Partial<Record<SourceId, string>>>;
  /** Open sockets (Socket.IO and /ws) from one address. */
  readonly connectionsPerAddress: number;
  /** Open sockets in all. */
  readonly connectionsMax: number;
  /** Reverse proxies whose X-Forwarded-For is believed: IP addresses and CIDR ranges. */
  readonly trustedProxies: readonly string[];
  /** Assets one client may subscribe to. */
  readonly assetsPerClient: number;
  /** How long the gateway goes on serving, not ready, before it ends. */
  readonly drainMs: number;
  readonly shutdownMs: number;
}

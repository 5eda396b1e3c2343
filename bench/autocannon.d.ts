declare module 'autocannon' {
  interface Result {
    readonly requests: { readonly average: number };
    readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
    readonly non2xx: number;
    readonly errors: number;
  }
  interface Options {
    readonly url: string;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    readonly headers?: Readonly<Record<string, string>>;
    /** Requests per second over all connections; as many as possible without it. */
    readonly overallRate?: number;
    /** In turn, on every connection. */
    readonly requests?: readonly { readonly path: string }[];
  }
  /** Loads `url` over keep-alive connections. Latencies are ms, counted from when a request should have been sent. */
  export default function autocannon(options: Options): Promise<Result>;
}

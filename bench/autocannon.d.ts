declare module 'autocannon' {
  interface Result {
    readonly requests: { readonly average: number };
    readonly latency: { readonly p50: number; readonly p99: number };
    readonly non2xx: number;
    readonly errors: number;
  }
  /** Loads `url` with `connections` keep-alive connections for `duration` seconds. */
  export default function autocannon(options: { url: string; connections: number; duration: number }): Promise<Result>;
}

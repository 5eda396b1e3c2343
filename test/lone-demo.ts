import type { SourceId } from '@haunt/domain';
import { Simulator } from '@haunt/simulator';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtApp } from './built.js';
import { Child } from './child.js';
import { freePort } from './redis-server.js';

const KEYS = { coingecko: 'CG-demo-key', coinmarketcap: 'demo-key', cryptocompare: 'demo-key' } as const;

/** What `npm run demo` runs, with the fake venues in our own process: they can be told to misbehave, and outlive the server. */
export class LoneDemo {
  readonly origin: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'haunt-demo-'));
  private child: Child | undefined;

  private constructor(
    private readonly main: string,
    readonly simulator: Simulator,
    private readonly port: number,
  ) {
    this.origin = `http://127.0.0.1:${port}`;
  }

  static async start(symbols: readonly string[], tradesPerSecond: number): Promise<LoneDemo> {
    const main = builtApp('standalone');
    const simulator = await Simulator.start({ keys: KEYS, symbols, tradesPerSecond });
    const demo = new LoneDemo(main, simulator, await freePort());
    try {
      await demo.begin();
      return demo;
    } catch (error) {
      await demo.stop();
      throw error;
    }
  }

  /** Starts the server: the first time, or again where it was, with what it has kept. */
  async begin(): Promise<void> {
    const { simulator, port, folder } = this;
    this.child = new Child(this.main, {
      ...simulator.env,
      SIMULATED: '1',
      PORT: String(port),
      DATA_DIR: folder,
      LOG_LEVEL: 'warn',
    });
    await this.child.line(/^Haunt listens/);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.child?.exit;
  }

  /** @returns `data` of an answer. @throws Error when there is none */
  async get<T>(path: string): Promise<T> {
    return this.ask(path);
  }

  async post(path: string, body: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    return this.ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** From now on nobody says anything new of this asset. */
  silence(symbol: string): void {
    for (const venue of ['coinbase', 'binance', 'kucoin', 'okx', 'huobi', 'bybit'] satisfies SourceId[]) {
      this.simulator.fault(venue, { kind: 'silence', symbols: [symbol] });
    }
    this.simulator.fault('kraken', { kind: 'refuse' });
    for (const index of ['coingecko', 'coinmarketcap', 'cryptocompare'] satisfies SourceId[]) {
      this.simulator.fault(index, { kind: 'clock', skewMs: -600_000 });
    }
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.simulator.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const answer = await fetch(`${this.origin}${path}`, init);
    const { data, error } = (await answer.json()) as { data: T; error?: unknown };
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(error)}`);
    return data;
  }
}

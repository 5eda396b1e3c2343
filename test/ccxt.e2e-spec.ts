import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SourceId } from '@haunt/domain';
import { Exchange, Simulator, type Trade, type VenuePair } from '@haunt/simulator';

/** ccxt lies aside (HAUNT_CCXT: the folder it was installed in, NODE_PATH, or the project's own node_modules) or nowhere. */
function ccxtPath(): string | undefined {
  const paths = [process.env['HAUNT_CCXT'], ...(process.env['NODE_PATH'] ?? '').split(':'), process.cwd()];
  try {
    return require.resolve('ccxt', { paths: paths.filter((path) => path !== undefined && path !== '') as string[] });
  } catch {
    return undefined;
  }
}

const path = ccxtPath();
const title = 'ccxt, which knows nothing of this project, reads the simulated venues';

/** Its own process, because a library of a hundred exchanges takes long to load where modules are sandboxed. */
class CcxtProcess {
  private number = 0;

  constructor(private readonly child: ChildProcess) {}

  async ask<T>(task: 'read' | 'watch' | 'candles', ...args: unknown[]): Promise<T> {
    const number = ++this.number;
    const answered = new Promise<T>((resolve, reject) => {
      const listen = (message: { number: number; answer?: T; error?: string }): void => {
        if (message.number !== number) return;
        this.child.off('message', listen);
        if (message.error === undefined) resolve(message.answer as T);
        else reject(new Error(message.error));
      };
      this.child.on('message', listen);
    });
    this.child.send({ number, task, args });
    return answered;
  }

  async end(): Promise<void> {
    const exit = once(this.child, 'exit');
    this.child.disconnect();
    await exit;
  }
}

interface Read {
  readonly markets: readonly string[];
  readonly found: Readonly<
    Record<
      string,
      {
        readonly last: number;
        readonly open: number | undefined;
        readonly baseVolume: number;
        readonly trades: readonly {
          readonly price: number;
          readonly amount: number;
          readonly timestamp: number;
          readonly side: string;
        }[];
      }
    >
  >;
}

(path === undefined ? describe.skip : describe)(
  path === undefined ? `${title} (skipped: ccxt is not installed; set HAUNT_CCXT to a folder with it)` : title,
  () => {
    let from = Date.UTC(2026, 10, 20, 9);
    let startedAt: number | undefined;
    let simulator: Simulator;
    let ccxt: CcxtProcess;

    beforeAll(async () => {
      // Frozen until somebody watches, so that every answer can be compared to the last digit.
      const now = (): number => (startedAt === undefined ? from : from + Date.now() - startedAt);
      simulator = await Simulator.start({ now, tradesPerSecond: 2000 });
      ccxt = new CcxtProcess(fork(join(__dirname, 'ccxt-client.mjs'), [path ?? ''], { execArgv: [] }));
    });
    afterAll(async () => {
      await ccxt.end();
      await simulator.stop();
    });

    const exchange = (id: SourceId): Exchange => {
      const venue = simulator.venues[id];
      if (!(venue instanceof Exchange)) throw new Error(`${id} has no pairs`);
      return venue;
    };
    const pairOf = (id: SourceId, symbol: string): VenuePair => {
      const [base, quote] = symbol.toLowerCase().split('/');
      return exchange(id).onlinePairs.find((pair) => pair.base === base && pair.quote === quote)!;
    };
    const known = ({ price, size, time, takerBuys }: Trade): object => ({
      price,
      amount: size,
      timestamp: Math.floor(time),
      side: takerBuys ? 'buy' : 'sell',
    });

    it.each([
      ['coinbase', 'USD'],
      ['binance', 'USDT'],
      ['kucoin', 'USDT'],
      ['okx', 'USDT'],
      ['huobi', 'USDT'],
      ['kraken', 'USD'],
      ['bybit', 'USDT'],
    ] as const)('%s: markets, tickers and trades', async (id, quote) => {
      const venue = exchange(id);
      const symbols = ['BTC', 'DOGE', 'SHIB', 'XLM'].map((base) => `${base}/${quote}`);
      const { markets, found } = await ccxt.ask<Read>('read', id, simulator.addresses[id].rest, symbols);
      expect(markets).toEqual(
        expect.arrayContaining(venue.onlinePairs.map((p) => `${p.base}/${p.quote}`.toUpperCase())),
      );
      for (const symbol of symbols) {
        const pair = pairOf(id, symbol);
        const ticker = found[symbol]!;
        const day = venue.day(pair);
        expect([symbol, ticker.last]).toEqual([symbol, venue.last(pair).price]);
        expect(ticker.baseVolume / day.volume).toBeCloseTo(1, 6);
        if (ticker.open !== undefined && ticker.open !== null) expect(ticker.open / day.open).toBeCloseTo(1, 6);
        expect(ticker.trades.slice(-5)).toEqual(venue.recent(pair, 5).map(known));
      }
    });

    it.each([
      ['coinbase', 'BTC/USD'],
      ['binance', 'BTC/USDT'],
      ['kucoin', 'BTC/USDT'],
      ['okx', 'BTC/USDT'],
      ['kraken', 'BTC/USD'],
      ['bybit', 'BTC/USDT'],
    ] as const)('%s: past candles of a minute, an hour and a day', async (id, symbol) => {
      // The requests of the test before are of another minute.
      from += 60_000;
      const widths = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 };
      const asked = Object.entries(widths).map(([width, ms]) => {
        return { width, ms, since: Math.floor(from / ms) * ms - 200 * ms, limit: 100 };
      });
      const found = await ccxt.ask<number[][][]>('candles', id, simulator.addresses[id].rest, symbol, asked);
      for (const [at, { ms, since, limit }] of asked.entries()) {
        const range = { from: since, to: from, most: limit, keep: 'oldest' } as const;
        const klines = exchange(id).klines(pairOf(id, symbol), ms, range);
        const told = klines.map(({ time, open, high, low, close }) => [time, open, high, low, close]);
        expect(found[at]!.map((row) => row.slice(0, 5))).toEqual(told);
        for (const [row, { volume }] of klines.entries()) expect(found[at]![row]![5]! / volume).toBeCloseTo(1, 6);
      }
    });

    it.each([
      ['coinbase', 'BTC/USD'],
      ['binance', 'BTC/USDT'],
      ['kucoin', 'BTC/USDT'],
      ['okx', 'BTC/USDT'],
      ['huobi', 'BTC/USDT'],
      ['bybit', 'BTC/USDT'],
    ] as const)('%s: trades as they happen', async (id, symbol) => {
      startedAt ??= Date.now();
      const seen = await ccxt.ask<{ price: number; amount: number; timestamp: number }[]>(
        'watch',
        id,
        simulator.addresses[id].rest,
        symbol,
        20,
      );
      const pair = pairOf(id, symbol);
      const made = new Set(
        exchange(id)
          .recent(pair, 5000)
          .map(({ price, size, time }) => `${price} ${size} ${Math.floor(time)}`),
      );
      expect(seen.length).toBeGreaterThanOrEqual(20);
      expect(seen.filter(({ price, amount, timestamp }) => !made.has(`${price} ${amount} ${timestamp}`))).toEqual([]);
      // ccxt does not wait for KuCoin's welcome; every other rule it keeps.
      expect(simulator.violations.filter(({ rule }) => rule !== 'welcome')).toEqual([]);
    });
  },
);

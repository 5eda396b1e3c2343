import type { SourceId } from '@haunt/domain';
import { HttpFailure, type HttpAnswer, type HttpInput } from '@haunt/platform';
import type { HistoryGrade, HistoryResolution, HistorySource, ListedPair, QuotedCandle } from '@haunt/sources';
import type { Sleep } from '../src/seeder.parts.js';

const WIDTHS = [60_000, 300_000, 3_600_000];

export interface Asked {
  readonly provider: string;
  readonly at: number;
  readonly symbol: string;
  readonly coingeckoId?: string;
  readonly bucketMs: number;
  readonly from: number;
  readonly to: number;
}

/** What a fake provider does with a page; a candle list, or an error to throw. Absent: a candle for every bucket. */
export type Behaviour = (asked: Asked) => QuotedCandle[] | Promise<QuotedCandle[]>;

export interface FakeProvider {
  readonly id: SourceId;
  readonly pairs?: readonly ListedPair[];
  /** Of an index that says which coins it has: their symbols. */
  readonly coins?: readonly string[];
  readonly grade?: HistoryGrade;
  readonly perRequest?: number;
  readonly budget?: { readonly count: number; readonly windowMs: number };
  readonly needsKey?: boolean;
  readonly behave?: Behaviour;
}

/** A price that tells which bucket it is of. */
export function candleAt(time: number, bucketMs: number, scale = 1): QuotedCandle {
  const open = scale * (100 + ((time / bucketMs) % 7));
  return { time, open, high: open + scale, low: open - scale, close: open + scale / 2, volume: 10 };
}

export function everyCandle({ from, to, bucketMs }: Asked, scale = 1): QuotedCandle[] {
  return Array.from({ length: (to - from) / bucketMs }, (_, i) => candleAt(from + i * bucketMs, bucketMs, scale));
}

export function refusal(status: number, retryAfterMs?: number): HttpFailure {
  return new HttpFailure('status', `answered ${status}`, status, retryAfterMs);
}

/** Sources of history without a network: their requests name what is wanted, and `http` plays all of them. */
export class FakeHistory {
  readonly asked: Asked[] = [];
  /** Whose lists were asked for. */
  readonly lists: string[] = [];
  readonly sources: HistorySource[];
  private readonly providers: ReadonlyMap<string, FakeProvider>;

  constructor(
    private readonly time: { now(): number; readonly sleep: Sleep },
    providers: readonly FakeProvider[],
    private readonly latencyMs = 50,
  ) {
    this.providers = new Map(providers.map((provider) => [provider.id, provider]));
    this.sources = providers.map(sourceOf);
  }

  readonly http = {
    request: async ({ url, signal }: HttpInput): Promise<HttpAnswer> => {
      const { hostname, pathname, searchParams } = new URL(url);
      const provider = this.providers.get(hostname)!;
      const [from, to, bucketMs] = ['from', 'to', 'bucketMs'].map((name) => Number(searchParams.get(name)));
      const at = this.time.now();
      await this.time.sleep(this.latencyMs, signal);
      if (signal?.aborted === true) throw signal.reason;
      let body: unknown = provider.pairs ?? provider.coins;
      if (pathname === '/pairs' || pathname === '/coins') this.lists.push(hostname);
      else {
        const symbol = decodeURIComponent(pathname.slice(1));
        const coingeckoId = searchParams.get('coingecko') ?? undefined;
        const asked: Asked = {
          provider: hostname,
          at,
          symbol,
          ...(coingeckoId !== undefined && { coingeckoId }),
          from: from!,
          to: to!,
          bucketMs: bucketMs!,
        };
        this.asked.push(asked);
        body = await (provider.behave ?? everyCandle)(asked);
      }
      return { status: 200, headers: new Headers(), body, receivedAt: this.time.now() };
    },
  };
}

function sourceOf({
  id,
  pairs,
  coins,
  grade = 'klines',
  perRequest = 300,
  budget,
  needsKey = false,
}: FakeProvider): HistorySource {
  const listing = pairs && {
    request: { method: 'GET' as const, path: '/pairs' },
    parse: (body: unknown) => body as ListedPair[],
    spelled: () => undefined,
  };
  return {
    id,
    documentation: '',
    rest: `http://${id}`,
    ...(listing && { listing }),
    ...(coins && {
      coins: {
        request: () => ({ method: 'GET' as const, path: '/coins' }),
        parse: (body: unknown) => body as string[],
        nameOf: ({ symbol }: { symbol: string }) => symbol,
      },
    }),
    needsKey,
    budget: () => budget ?? { count: 10, windowMs: 1_000 },
    resolutions: WIDTHS.map((bucketMs): HistoryResolution => ({ bucketMs, grade, perRequest })),
    request: ({ symbol, coingeckoId }, { bucketMs }, from, to) => ({
      method: 'GET',
      path:
        `/${encodeURIComponent(symbol)}?from=${from}&to=${to}&bucketMs=${bucketMs}` +
        (coingeckoId === undefined ? '' : `&coingecko=${coingeckoId}`),
    }),
    parse: (body) => body as QuotedCandle[],
  };
}

import type { SeedingProgress } from '@haunt/contracts';
import { type AssetNames, type AssetSymbol, CATALOGUE } from '@haunt/domain';
import { dataFrame, type Format, type Frame } from './frames.js';
import type { LiveClient } from './roster.js';

/** Steps of jobs are told this often at the most; beginnings and ends at once. */
export const PACE_MS = 200;

/** What the feed needs of the live core. */
export interface Outlet {
  readonly clients: Iterable<LiveClient>;
  /** Puts a frame out for a client, at the end of the turn. @returns false when the client is behind and gets nothing. */
  post(client: LiveClient, frame: Frame): boolean;
  /** Something may have been put out. */
  settle(): void;
}

/**
 * Brings seeding progress to those who watch the asset, under the name they know it by. Dozens of jobs with a hundred steps each
 * must not keep thousands of clients busy: steps that come within `PACE_MS` give way to the last of them.
 */
export class SeedingFeed {
  private readonly pending = new Map<AssetSymbol, SeedingProgress>();
  private timer: NodeJS.Timeout | undefined;

  /** `latest`: the last that was heard of an asset's jobs. `running`: the same, while there is one. */
  constructor(
    private readonly outlet: Outlet,
    private readonly latest: (symbol: AssetSymbol) => SeedingProgress | undefined,
    private readonly running: (symbol: AssetSymbol) => SeedingProgress | undefined,
    private readonly names: AssetNames = CATALOGUE,
  ) {}

  /** A job has come further. */
  hear(progress: SeedingProgress): void {
    const isStep = progress.status === 'seeding' && this.timer !== undefined;
    this.pending.set(progress.symbol, progress);
    if (isStep) return;
    this.flush();
    this.timer ??= setTimeout(() => this.pause(), PACE_MS);
  }

  /** Tells a client of the jobs that are running for what it has begun to watch. */
  greet(client: LiveClient, symbols: readonly AssetSymbol[]): void {
    for (const name of symbols) {
      const progress = this.running(this.names.find(name)?.symbol ?? name);
      if (progress !== undefined) this.tell(client, name, () => frameOf(client.wire.format, name, progress));
    }
  }

  /** A client that was behind reads again: it gets the last of what it missed. */
  caughtUp(client: LiveClient): void {
    if (client.behindSince !== undefined || client.unheard === undefined) return;
    const missed = [...client.unheard].filter((name) => client.watches(name));
    client.unheard = undefined;
    for (const name of missed) {
      const progress = this.latest(this.names.find(name)?.symbol ?? name);
      if (progress !== undefined) this.tell(client, name, () => frameOf(client.wire.format, name, progress));
    }
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private pause(): void {
    this.timer = undefined;
    if (this.pending.size === 0) return;
    this.flush();
    this.timer = setTimeout(() => this.pause(), PACE_MS);
  }

  private flush(): void {
    const news = [...this.pending.values()].flatMap((progress) => named(progress, this.names));
    this.pending.clear();
    for (const client of this.outlet.clients) {
      for (const { name, frame } of news)
        if (client.watches(name)) this.tell(client, name, () => frame(client.wire.format));
    }
    this.outlet.settle();
  }

  private tell(client: LiveClient, name: AssetSymbol, frame: () => Frame): void {
    if (!client.gone && !this.outlet.post(client, frame())) (client.unheard ??= new Set()).add(name);
  }
}

/** A step under every name of its asset, encoded when somebody watches it by that name. */
function named(
  progress: SeedingProgress,
  names: AssetNames,
): { name: AssetSymbol; frame: (format: Format) => Frame }[] {
  const { symbol } = progress;
  return [symbol, ...(names.find(symbol)?.aliases ?? [])].map((name) => {
    const made: Partial<Record<Format, Frame>> = {};
    return { name, frame: (format) => (made[format] ??= frameOf(format, name, progress)) };
  });
}

function frameOf(format: Format, name: AssetSymbol, progress: SeedingProgress): Frame {
  return dataFrame(format, 'seeding_progress', JSON.stringify({ ...progress, symbol: name }));
}

import type { AssetSymbol, PriceStatus, PriceUpdate, SourceId } from '@haunt/domain';
import type { Log } from '@haunt/platform';

/** At most one line in so long, ms. */
const EVERY_MS = 10_000;
const NAMED = 10;
/** Fewer quotes of a source that are excluded at a time are an ordinary day. */
const MANY = 3;

/** What an operator wants to know of an asset: whether its price can be relied on. */
type Trust = 'good' | 'degraded' | 'stale';

/**
 * Says which prices have become stale or degraded, and which have become good again: the sum of what changed, not a line per
 * asset, because a venue that goes away takes a hundred with it. `single-source` counts as good: for many assets it is all there ever is.
 */
export class StatusLines {
  private readonly said = new Map<AssetSymbol, Trust>();
  private readonly straying = new Set<SourceId>();
  private quietUntil = 0;

  constructor(
    private readonly log: Pick<Log, 'info' | 'warn'>,
    private readonly partition: number,
  ) {}

  /** `prices`: all there are; `excluded`: quotes per source that are too far off. To be called about once a second. */
  look(prices: readonly PriceUpdate[], excluded: ReadonlyMap<SourceId, number>, now: number): void {
    if (now < this.quietUntil) return;
    if (this.sayWhoStrays(excluded)) this.quietUntil = now + EVERY_MS;
    const turned: Record<Trust, AssetSymbol[]> = { good: [], degraded: [], stale: [] };
    const count: Record<Trust, number> = { good: 0, degraded: 0, stale: 0 };
    for (const { symbol, status } of prices) {
      const trust = trustOf(status);
      count[trust]++;
      if (trust === (this.said.get(symbol) ?? 'good')) continue;
      turned[trust].push(symbol);
      this.said.set(symbol, trust);
    }
    const parts = (['stale', 'degraded', 'good'] as const).filter((trust) => turned[trust].length > 0);
    if (parts.length === 0) return;
    this.quietUntil = now + EVERY_MS;
    const changes = parts.map((trust) => `${turned[trust].length} ${trust} (${named(turned[trust])})`).join(', ');
    const fields = { partition: this.partition, ...count };
    const message = `prices turned ${changes}`;
    if (turned.stale.length > 0) this.log.warn(fields, message);
    else this.log.info(fields, message);
  }

  private sayWhoStrays(excluded: ReadonlyMap<SourceId, number>): boolean {
    const { log, partition, straying } = this;
    let isNew = false;
    for (const [source, quotes] of excluded) {
      if (straying.has(source) ? quotes > 0 : quotes < MANY) continue;
      isNew = true;
      if (straying.delete(source)) log.info({ partition, source }, `no quote of ${source} is excluded any more`);
      else {
        straying.add(source);
        log.warn({ partition, source, quotes }, `${quotes} quotes of ${source} are excluded: too far from the others`);
      }
    }
    return isNew;
  }
}

function trustOf(status: PriceStatus): Trust {
  return status === 'stale' || status === 'degraded' ? status : 'good';
}

function named(symbols: readonly AssetSymbol[]): string {
  const rest = symbols.length - NAMED;
  return symbols.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

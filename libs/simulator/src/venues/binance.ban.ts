/** Refusals in a row after which an address is banned. */
const PATIENCE = 10;
const BAN_MS = 120_000;

/**
 * Binance answers 429 to who asks too often, and 418 to who goes on asking: banned for two minutes at first.
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits
 */
export class Bans {
  private readonly refusals = new Map<string, number>();
  private readonly until = new Map<string, number>();

  /** Epoch ms; undefined when this address may ask. */
  bannedUntil(remote: string, now: number): number | undefined {
    const until = this.until.get(remote);
    return until !== undefined && until > now ? until : undefined;
  }

  /** Takes note of what an address was answered. True: now it is banned. */
  answered(remote: string, status: number | undefined, now: number): boolean {
    const refusals = status === 429 ? (this.refusals.get(remote) ?? 0) + 1 : 0;
    this.refusals.set(remote, refusals);
    if (refusals <= PATIENCE) return false;
    this.refusals.set(remote, 0);
    this.until.set(remote, now + BAN_MS);
    return true;
  }

  lift(): void {
    this.refusals.clear();
    this.until.clear();
  }
}

import type { LivePrice } from '@haunt/contracts';

/**
 * The newest price of each asset, whatever connection it came over. Behind one address stand several gateways, and the one that a
 * client comes back to may be behind the one it left.
 */
export class Latest {
  readonly prices = new Map<string, LivePrice>();

  /** @returns those of them that are newer than what was there */
  accept(prices: readonly LivePrice[]): LivePrice[] {
    return prices.filter((price) => {
      const before = this.prices.get(price.symbol);
      if (before !== undefined && price.version <= before.version) return false;
      this.prices.set(price.symbol, price);
      return true;
    });
  }
}

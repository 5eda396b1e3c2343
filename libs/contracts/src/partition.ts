import type { AssetSymbol } from '@haunt/domain';

/** Partition of an asset: FNV-1a (32 bit) of its symbol, modulo `partitions`. The same in every process and release. */
export function partitionOf(symbol: AssetSymbol, partitions: number): number {
  if (partitions === 1) return 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < symbol.length; i++) {
    hash ^= symbol.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % partitions;
}

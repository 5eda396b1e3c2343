import type { PriceStatus } from '@haunt/client';
import { age } from '../format.js';
import { now } from '../state/clock.js';

const WORDS: Readonly<Record<Exclude<PriceStatus, 'normal'>, readonly [label: string, meaning: string]>> = {
  degraded: ['Degraded', 'Only two sources count, or they disagree and nobody can tell who is wrong'],
  'single-source': ['1 source', 'One source alone gives this price'],
  stale: ['Stale', 'No source has told a price within 30 s; this is the last one'],
};

interface StatusChipProps {
  readonly status: PriceStatus;
  /** The time the price is true for, epoch ms. */
  readonly pricedAt: number | undefined;
}

/** Says what is the matter with a price; nothing when all is well. */
export function StatusChip({ status, pricedAt }: StatusChipProps) {
  if (status === 'normal') return null;
  const [label, meaning] = WORDS[status];
  const old = status === 'stale' && pricedAt !== undefined ? ` ${age(now.value - pricedAt)}` : '';
  return (
    <span class={`chip ${status}`} title={meaning}>
      {label}
      {old}
    </span>
  );
}

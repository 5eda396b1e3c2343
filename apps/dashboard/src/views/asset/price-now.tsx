import { type ReadonlySignal, useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { LivePrice } from '@haunt/client';
import type { Direction } from '@haunt/domain';
import { price, priceInFull } from '../../format.js';

interface Props {
  readonly live: ReadonlySignal<LivePrice | undefined>;
  /** Of the last answer over REST, until a live one comes. */
  readonly told: ReadonlySignal<number | undefined>;
  readonly isStale: ReadonlySignal<boolean>;
}

/** The price, large. A change writes one text node and restarts one animation. */
export function PriceNow({ live, told, isStale }: Props) {
  const element = useRef<HTMLSpanElement>(null);
  const value = useComputed(() => live.value?.price ?? told.value);
  const text = useComputed(() => price(value.value));
  const direction = useSignal<Direction | undefined>(undefined);
  const arrow = useComputed(() => (direction.value === undefined ? '' : { up: '▲', down: '▼' }[direction.value]));
  const look = useComputed(() => `price-now ${direction.value ?? 'flat'}${isStale.value ? ' is-stale' : ''}`);
  const shown = useRef<number | undefined>(undefined);
  useSignalEffect(() => {
    const next = live.value?.price;
    const before = shown.current;
    shown.current = next;
    // Of what was conflated in between the reader sees the sum: arrow and flash say where that went.
    if (before === undefined) direction.value = live.value?.tradeDirection;
    if (next === undefined || before === undefined || next === before) return;
    direction.value = next > before ? 'up' : 'down';
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    // Opacity alone: that takes no painting. The colour comes with the direction.
    element.current?.animate([{ opacity: 1 }, { opacity: 0 }], { duration: 900, easing: 'ease-out' });
  });

  return (
    <p class={look}>
      <span class="price-figure" aria-hidden="true">
        <span ref={element} class="price-flash" />
        <span>{text}</span>
      </span>
      <span class="price-arrow" aria-hidden="true">
        {arrow}
      </span>
      {/* Heard when it is asked for, not at every tick. */}
      <span class="sr">{priceInFull(told.value ?? value.peek())}</span>
    </p>
  );
}

import { type ReadonlySignal, useComputed, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { LivePrice } from '@haunt/client';
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
  const arrow = useComputed(() => ({ up: '▲', down: '▼' })[live.value?.tradeDirection as string] ?? '');
  const look = useComputed(
    () => `price-now ${live.value?.tradeDirection ?? 'flat'}${isStale.value ? ' is-stale' : ''}`,
  );
  const shown = useRef<number | undefined>(undefined);
  useSignalEffect(() => {
    const next = live.value?.price;
    const before = shown.current;
    shown.current = next;
    if (next === undefined || before === undefined || next === before) return;
    const flash = next > before ? '--up-flash' : '--down-flash';
    element.current?.animate([{ backgroundColor: `var(${flash})` }, { backgroundColor: 'transparent' }], 900);
  });

  return (
    <p class={look}>
      <span ref={element} class="price-figure" aria-hidden="true">
        {text}
      </span>
      <span class="price-arrow" aria-hidden="true">
        {arrow}
      </span>
      {/* Heard when it is asked for, not at every tick. */}
      <span class="sr">{priceInFull(told.value ?? value.peek())}</span>
    </p>
  );
}

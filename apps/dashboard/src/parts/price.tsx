import { useRef } from 'preact/hooks';
import { price, priceInFull } from '../format.js';
import { Arrow } from './icons.js';

interface PriceProps {
  /** USD. */
  readonly value: number | undefined;
  /** Which way it went last, where nobody has seen it go. */
  readonly direction: 'up' | 'down' | undefined;
  /** Somebody sees it: a change is shown as one. */
  readonly isWatched: boolean;
}

interface Shown {
  readonly text: string;
  readonly value: number | undefined;
  readonly flashes: number;
  /** Where it went from what was shown before. */
  readonly to: 'up' | 'down' | undefined;
}

/**
 * A live price. A change that can be read flashes; two animations that are the same but for their names take turns, because one that is
 * named again does not begin anew.
 */
export function Price({ value, direction, isWatched }: PriceProps) {
  const text = price(value);
  const shown = useRef<Shown>({ text, value, flashes: 0, to: undefined });
  const before = shown.current;
  if (text !== before.text) {
    const hasMoved = isWatched && value !== undefined && before.value !== undefined;
    const to = hasMoved ? (value > before.value ? 'up' : 'down') : undefined;
    shown.current = { text, value, flashes: before.flashes + 1, to };
  }
  const { flashes, to } = shown.current;
  const flash = flashes > 0 && to !== undefined ? ` flash-${to}-${flashes % 2}` : '';
  // Between two that are shown there may have been others: the arrow tells of what was seen.
  const way = to ?? direction;
  return (
    <span class={`live-price${flash}`} title={priceInFull(value)} data-testid="price">
      {way !== undefined && (
        <span class={`tick ${way}`}>
          <Arrow to={way} />
          <span class="sr">{way}</span>
        </span>
      )}
      {text}
    </span>
  );
}

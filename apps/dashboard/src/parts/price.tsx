import { useRef } from 'preact/hooks';
import { price, priceInFull } from '../format.js';
import { Arrow } from './icons.js';

interface PriceProps {
  /** USD. */
  readonly value: number | undefined;
  /** Which way it went last. */
  readonly direction: 'up' | 'down' | undefined;
  /** Somebody sees it: a change is shown as one. */
  readonly isWatched: boolean;
}

/**
 * A live price. A change flashes; two animations that are the same but for their names take turns, because one that is named again does not
 * begin anew.
 */
export function Price({ value, direction, isWatched }: PriceProps) {
  const last = useRef({ value, flashes: 0, to: direction });
  const { value: before, flashes: flashed } = last.current;
  if (value !== before) {
    const hasMoved = isWatched && value !== undefined && before !== undefined;
    const way = hasMoved ? (value > before ? 'up' : 'down') : undefined;
    last.current = { value, flashes: flashed + 1, to: way };
  }
  const { flashes, to } = last.current;
  const flash = flashes > 0 && to !== undefined ? ` flash-${to}-${flashes % 2}` : '';
  const text = price(value);
  return (
    <span class={`live-price${flash}`} title={priceInFull(value)} data-testid="price">
      {direction !== undefined && (
        <span class={`tick ${direction}`}>
          <Arrow to={direction} />
          <span class="sr">{direction}</span>
        </span>
      )}
      {text}
    </span>
  );
}

import { change, directionOf } from '../format.js';
import { Arrow } from './icons.js';

interface ChangeProps {
  /** Percent; undefined: nobody knows. */
  readonly value: number | undefined;
  /** As a coloured pill. */
  readonly pill?: boolean;
}

/** A change in percent: sign, arrow and colour say the same. */
export function Change({ value, pill = false }: ChangeProps) {
  const direction = directionOf(value);
  return (
    <span class={`change ${direction}${pill ? ' pill' : ''}`}>
      {direction !== 'flat' && <Arrow to={direction} />}
      {change(value)}
    </span>
  );
}

import { change as percentChange } from '../../format.js';

const RADIUS = 52;
const CENTRE = 64;

interface GaugeProps {
  /** 0 (fear) to 100 (greed). */
  readonly value: number;
  readonly word: string;
  /** In points, since the day before. */
  readonly change: number | undefined;
}

/** Fear and greed as half a dial: five stretches and a knob. */
export function Gauge({ value, word, change }: GaugeProps) {
  const knob = pointAt(value);
  return (
    <div class="gauge">
      <svg viewBox="0 0 128 74" role="img" aria-label={`${value} of 100, ${word}`}>
        {[0, 1, 2, 3, 4].map((part) => (
          <path key={part} class={`gauge-part part-${part}`} d={arc(part * 20 + 1.5, part * 20 + 18.5)} />
        ))}
        <circle class="gauge-knob" cx={knob.x} cy={knob.y} r="6.500" />
        <text class="gauge-value" x={CENTRE} y="58">
          {value}
        </text>
      </svg>
      <p class="gauge-word">
        {word}
        {change !== undefined && <span class="aside">{points(change)}</span>}
      </p>
    </div>
  );
}

function points(change: number): string {
  return change === 0 ? 'as yesterday' : `${percentChange(change, 0).replace('%', '')} since yesterday`;
}

/** Of the dial, 0 on the left, 100 on the right. */
function pointAt(value: number): { readonly x: number; readonly y: number } {
  const angle = Math.PI * (1 - Math.min(100, Math.max(0, value)) / 100);
  return { x: CENTRE + RADIUS * Math.cos(angle), y: 64 - RADIUS * Math.sin(angle) };
}

function arc(from: number, to: number): string {
  const start = pointAt(from);
  const end = pointAt(to);
  return `M${start.x.toFixed(2)} ${start.y.toFixed(2)}A${RADIUS} ${RADIUS} 0 0 1 ${end.x.toFixed(2)} ${end.y.toFixed(2)}`;
}

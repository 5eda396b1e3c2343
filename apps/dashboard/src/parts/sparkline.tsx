const WIDTH = 132;
const HEIGHT = 40;
const INSET = 2;
/** More could not be told apart. */
const POINTS_MAX = 66;

interface SparklineProps {
  /** Oldest first. */
  readonly closes: readonly number[];
  readonly direction: 'up' | 'down' | 'flat';
  /** What it shows, for those who do not see it. */
  readonly label: string;
}

/** A line without axes. Of fewer than two points nothing is drawn: a line would be made up. */
export function Sparkline({ closes, direction, label }: SparklineProps) {
  if (closes.length < 2) return <span class="sparkline none">{'–'}</span>;
  const line = linePath(closes, WIDTH, HEIGHT, INSET);
  return (
    <svg
      class={`sparkline ${direction}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path class="area" d={`${line}V${HEIGHT}H${INSET}Z`} />
      <path class="line" d={line} />
    </svg>
  );
}

/** The path of a line through `values`, thinned to what can be seen; the first and the last are always in it. `low` is the value at the bottom. */
export function linePath(
  values: readonly number[],
  width: number,
  height: number,
  inset: number,
  low = Math.min(...values),
): string {
  const count = Math.min(values.length, POINTS_MAX);
  const span = Math.max(...values) - low;
  const steps: string[] = [];
  for (let i = 0; i < count; i++) {
    const value = values[Math.round((i * (values.length - 1)) / (count - 1))] as number;
    const x = inset + (i / (count - 1)) * (width - 2 * inset);
    const y = span === 0 ? height / 2 : inset + (1 - (value - low) / span) * (height - 2 * inset);
    steps.push(`${x.toFixed(1)} ${y.toFixed(1)}`);
  }
  return `M${steps.join('L')}`;
}

import type { Signal } from '@preact/signals';
import { CHART_RANGES, type ChartRange } from '@haunt/domain';

const RANGES = Object.keys(CHART_RANGES) as ChartRange[];
const SPOKEN: Readonly<Record<ChartRange, string>> = {
  '1h': '1 hour',
  '4h': '4 hours',
  '1d': '1 day',
  '1w': '1 week',
  '1m': '1 month',
};

export function isRange(text: string | null): text is ChartRange {
  return text !== null && Object.hasOwn(CHART_RANGES, text);
}

export function spokenRange(range: ChartRange): string {
  return SPOKEN[range];
}

/** Radio buttons that look like tabs: arrow keys and screen readers know them without being taught. */
export function RangeChoice({ range }: { readonly range: Signal<ChartRange> }) {
  return (
    <fieldset class="chart-ranges">
      <legend class="sr">Range of the chart</legend>
      {RANGES.map((one) => (
        <label key={one} class="chart-range">
          <input
            type="radio"
            class="sr"
            name="chart-range"
            value={one}
            checked={range.value === one}
            aria-label={SPOKEN[one]}
            onChange={() => (range.value = one)}
          />
          <span aria-hidden="true">{one.toUpperCase()}</span>
        </label>
      ))}
    </fieldset>
  );
}

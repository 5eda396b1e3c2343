import type { ChartRange } from '@haunt/domain';
import { change, money, priceInFull, UNKNOWN } from '../../../format.js';
import type { ChartFacts } from '../../../state/chart.js';
import type { Pointed } from './candle-chart.js';
import type { Candle } from './rolled.js';
import { spokenRange } from './range-choice.js';

/** A width in seconds, as `5 min`. */
export function widthText(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  return seconds % 3_600 === 0 ? `${seconds / 3_600} h` : `${seconds / 60} min`;
}

/** Where a candle comes from, in words. */
export function originText(candle: Candle | undefined, isOpen: boolean): string {
  if (candle === undefined) return 'Missing: nobody saw it';
  if (candle.seen === 0) return 'Interpolated: a line between its neighbours';
  if (isOpen) return 'Live: still open';
  const { seen, seeded, of, volume } = candle;
  const how =
    seeded === 0
      ? 'Watched'
      : seeded === seen
        ? `Fetched${volume === undefined ? '' : ', with the volume of one venue'}`
        : 'Watched and fetched';
  return seen === of ? how : `${how}, ${seen} of ${of} buckets`;
}

/** What a candle changed, percent from its open. */
export function moveOf(candle: Candle | undefined): number | undefined {
  return candle === undefined || !(candle.open > 0) ? undefined : (candle.close / candle.open - 1) * 100;
}

/** One candle as a screen reader says it. */
export function spokenCandle({ candle }: Pick<Pointed, 'candle'>, moment: string, isOpen: boolean): string {
  if (candle === undefined) return `${moment}: no data`;
  const { open, high, low, close, volume } = candle;
  const prices = `open ${priceInFull(open)}, high ${priceInFull(high)}, low ${priceInFull(low)}, close ${priceInFull(close)}`;
  return `${moment}: ${prices}, volume ${volume === undefined ? 'unknown' : money(volume)}. ${originText(candle, isOpen)}`;
}

/** The whole chart in a sentence. */
export function summaryText(
  name: string,
  range: ChartRange,
  candles: readonly (Candle | undefined)[],
  facts: ChartFacts | undefined,
): string {
  const seen = candles.filter((candle) => candle !== undefined);
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined)
    return `${name}: there is no history of the last ${spokenRange(range)}.`;
  const high = Math.max(...seen.map((candle) => candle.high));
  const low = Math.min(...seen.map((candle) => candle.low));
  const by = change((last.close / first.open - 1) * 100);
  const complete = facts === undefined ? '' : ` ${completeText(facts)}.`;
  return (
    `${name}, last ${spokenRange(range)}: from ${priceInFull(first.open)} to ${priceInFull(last.close)}, ${by}; ` +
    `highest ${priceInFull(high)}, lowest ${priceInFull(low)}.${complete}`
  );
}

export function completeText({ dataCompleteness, expectedPoints }: ChartFacts): string {
  if (dataCompleteness >= 100) return 'Complete';
  const seen = Math.round((dataCompleteness / 100) * expectedPoints);
  return `${floored(dataCompleteness)} complete, ${seen} of ${expectedPoints} buckets`;
}

/** Never rounded up: 99.97 % is not 100 %. */
function floored(percent: number): string {
  return Number.isFinite(percent) ? `${Math.floor(percent * 10) / 10}%` : UNKNOWN;
}

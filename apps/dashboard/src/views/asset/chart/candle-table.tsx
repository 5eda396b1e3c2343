import { money, price } from '../../../format.js';
import type { Candle } from './rolled.js';
import { momentText } from './local-times.js';
import { originText } from './words.js';

interface Props {
  /** Oldest first. */
  readonly candles: readonly (Candle | undefined)[];
  /** Start of a candle by its number, epoch seconds. */
  readonly timeOf: (n: number) => number;
  readonly decimals: number;
  readonly isOpen: (time: number) => boolean;
  readonly zone: string;
}

const SHOWN = 24;

/** The youngest candles as a table, for whoever does not see the chart or wants the figures. */
export function CandleTable({ candles, timeOf, decimals, isOpen, zone }: Props) {
  const rows = candles
    .map((candle, n) => ({ candle, time: timeOf(n) }))
    .slice(-SHOWN)
    .toReversed();
  return (
    <div class="asset-scroll" tabIndex={0} role="region" aria-label="Candles as a table">
      <table class="asset-table">
        <caption class="sr">The last {rows.length} candles, newest first; prices and volume in USD.</caption>
        <thead>
          <tr>
            <th scope="col">Time ({zone})</th>
            {['Open', 'High', 'Low', 'Close', 'Volume'].map((name) => (
              <th key={name} scope="col" class="is-number">
                {name}
              </th>
            ))}
            <th scope="col">Origin</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ candle, time }) => (
            <tr key={time} class={candle === undefined || candle.seen === 0 ? 'is-unseen' : undefined}>
              <th scope="row">{momentText(time as never)}</th>
              <td class="is-number">{price(candle?.open, decimals)}</td>
              <td class="is-number">{price(candle?.high, decimals)}</td>
              <td class="is-number">{price(candle?.low, decimals)}</td>
              <td class="is-number">{price(candle?.close, decimals)}</td>
              <td class="is-number">{money(candle?.volume)}</td>
              <td>{originText(candle, isOpen(time))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

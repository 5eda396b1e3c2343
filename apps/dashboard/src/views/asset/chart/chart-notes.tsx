import type { ReadonlySignal } from '@preact/signals';
import type { ChartFacts } from '../../../state/chart.js';
import type { Drawn } from './candle-chart.js';
import { completeText } from './words.js';

interface Props {
  readonly facts: ReadonlySignal<ChartFacts | undefined>;
  readonly problem: ReadonlySignal<string | undefined>;
  readonly drawn: ReadonlySignal<Drawn>;
  readonly zone: string;
}

/** What the chart is made of, and where it is not. */
export function ChartNotes({ facts, problem, drawn, zone }: Props) {
  const known = facts.value;
  const { seeded, interpolated, missing } = drawn.value;
  return (
    <footer class="chart-notes">
      {known?.seeding === true && <Seeding facts={known} />}
      {problem.value !== undefined && known !== undefined && (
        <p class="chart-problem" role="status">
          The candles are not up to date: {problem.value}.
        </p>
      )}
      <p class="chart-facts">
        {known !== undefined && <span>{completeText(known)}</span>}
        {seeded > 0 && (
          <span>
            <i class="chart-swatch is-seeded" aria-hidden="true" /> {seeded} fetched, with the volume of one venue
          </span>
        )}
        {interpolated > 0 && (
          <span>
            <i class="chart-swatch is-interpolated" aria-hidden="true" /> {interpolated} interpolated
          </span>
        )}
        {missing > 0 && (
          <span>
            <i class="chart-swatch is-missing" aria-hidden="true" /> {missing} missing
          </span>
        )}
        {known?.seedingStatus === 'failed' && <span>More history could not be fetched</span>}
        <span class="chart-zone">Times in {zone}</span>
        <span>
          Charts © TradingView, Inc.:{' '}
          <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
            TradingView
          </a>{' '}
          <a href="https://github.com/tradingview/lightweight-charts" target="_blank" rel="noreferrer">
            Lightweight Charts™
          </a>
        </span>
      </p>
    </footer>
  );
}

function Seeding({ facts: { seedingProgress, message } }: { readonly facts: ChartFacts }) {
  return (
    <p class="chart-seeding">
      <label>
        <span>History is being fetched: {message === '' ? `${Math.floor(seedingProgress)}%` : message}</span>
        <progress max={100} value={seedingProgress} />
      </label>
    </p>
  );
}

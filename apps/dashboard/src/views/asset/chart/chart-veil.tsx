import type { ReadonlySignal } from '@preact/signals';
import type { ChartFacts } from '../../../state/chart.js';

interface Props {
  readonly facts: ReadonlySignal<ChartFacts | undefined>;
  readonly problem: ReadonlySignal<string | undefined>;
  readonly isDrawn: ReadonlySignal<boolean>;
  readonly onRetry: () => void;
}

/** What lies over the chart while there is nothing on it. */
export function ChartVeil({ facts, problem, isDrawn, onRetry }: Props) {
  const known = facts.value;
  if (!isDrawn.value) {
    if (problem.value === undefined) return <div class="chart-veil is-covering is-loading">Loading candles…</div>;
    return (
      <div class="chart-veil is-covering" role="alert">
        <p>There are no candles: {problem.value}.</p>
        <button type="button" class="button" onClick={onRetry}>
          Ask again
        </button>
      </div>
    );
  }
  if (known === undefined || known.points > 0) return null;
  return (
    <div class="chart-veil">
      <p>{emptyText(known)}</p>
    </div>
  );
}

function emptyText({ seedingStatus }: ChartFacts): string {
  if (seedingStatus === 'in_progress') return 'History is being fetched from the venues.';
  if (seedingStatus === 'failed') return 'Nobody had any history of this. It grows from now on, as prices come.';
  return 'There is no history yet.';
}

import { HauntError } from '@haunt/client';
import { age, clockTime, price } from '../../../format.js';
import { now } from '../../../state/clock.js';
import { type AssetDesk, isLive } from '../../../state/desk.js';
import { quoteLines } from '../../../state/explain.js';
import { sentenceOf } from '../../../state/server.js';
import { QuotePlot } from './quote-plot.js';
import { QuoteTable } from './quote-table.js';
import { Rates } from './rates.js';

/** Why the price is what it is: every source, what it says, and what becomes of that. */
export function ExplainPanel({ desk }: { readonly desk: AssetDesk }) {
  const answer = desk.explanation.answer.value;
  const problem = desk.explanation.problem.value;
  const explanation = answer?.value;
  const counted = explanation?.sources.filter((quote) => quote.counted).length ?? 0;
  return (
    <section class={`asset-panel explain${isLive() ? '' : ' is-old'}`} aria-labelledby="explain-title">
      <header class="panel-head">
        <h2 id="explain-title">Why this price</h2>
        {explanation !== undefined && (
          <p class="asset-note">
            {counted} of {explanation.sources.length} quotes count, weighted: {price(explanation.price)} at{' '}
            {clockTime(explanation.asOf)}
          </p>
        )}
      </header>
      {problem !== undefined && <Trouble problem={problem} isEmpty={answer === undefined} at={answer?.at} />}
      {explanation !== undefined && answer !== undefined && (
        <>
          <QuotePlot explanation={explanation} />
          <QuoteTable lines={quoteLines(explanation)} at={answer.at} />
          <Rates desk={desk} sources={explanation.sources} />
        </>
      )}
    </section>
  );
}

interface TroubleProps {
  readonly problem: unknown;
  readonly isEmpty: boolean;
  readonly at: number | undefined;
}

function Trouble({ problem, isEmpty, at }: TroubleProps) {
  if (problem instanceof HauntError && problem.status === 503 && isEmpty) {
    return <p class="explain-none">There is no price yet, so there is nothing to explain: {problem.message}.</p>;
  }
  const old = at === undefined ? '' : `This is ${age(now.value - at)} old. `;
  return (
    <p class="chart-problem" role="status">
      {old}
      {sentenceOf(problem)}
    </p>
  );
}

import { type ExplanationView, HauntError } from '@haunt/client';
import { age, clockTime, decimalsOf, percent, price } from '../../../format.js';
import { now } from '../../../state/clock.js';
import { type AssetDesk, isLive } from '../../../state/desk.js';
import { agreementWord, spreadDecimals, spreadPercent } from '../../../state/explain.js';
import { plainly } from '../../../state/polled.js';
import { Confidence } from '../confidence.js';
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
          <Confidence desk={desk} />
          <Agreement explanation={explanation} />
          <QuoteTable explanation={explanation} at={answer.at} />
          <Rates desk={desk} sources={explanation.sources} />
        </>
      )}
    </section>
  );
}

function Agreement({ explanation }: { readonly explanation: ExplanationView }) {
  const spread = spreadPercent(explanation);
  const decimals = spreadDecimals(explanation, decimalsOf(explanation.price));
  return (
    <p class="agreement">
      Source agreement: <b>{agreementWord(spread)}</b>{' '}
      {spread !== undefined && (
        <span class="asset-note">
          the middle half of what counts lies within {percent(spread, 3)}, {price(explanation.spread.p25, decimals)} to{' '}
          {price(explanation.spread.p75, decimals)}: <i class="band-swatch" aria-hidden="true" /> the band
        </span>
      )}
    </p>
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
  return (
    <p class="chart-problem" role="status">
      {at === undefined ? 'There is no explanation: ' : `This is ${age(now.value - at)} old: `}
      {plainly(problem)}.
    </p>
  );
}

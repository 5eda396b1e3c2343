import { UNKNOWN } from '../../format.js';
import type { AssetDesk } from '../../state/desk.js';

const FACTORS = [
  ['sourceDiversity', 'Sources that count', 30],
  ['updateFrequency', 'How often they tell', 25],
  ['dataRecency', 'How fresh it is', 25],
  ['priceConsistency', 'How close they are', 20],
] as const;

/** How much the price can be trusted, and what that is made of. */
export function ConfidencePanel({ desk }: { readonly desk: AssetDesk }) {
  const told = desk.confidence.answer.value?.value.confidence;
  return (
    <section class="asset-panel confidence" aria-labelledby="confidence-title">
      <header class="panel-head">
        <h2 id="confidence-title">Confidence</h2>
        <p class="confidence-score">
          <b>{told?.score ?? UNKNOWN}</b> of 100
        </p>
      </header>
      <ul class="confidence-factors">
        {FACTORS.map(([key, label, most]) => {
          const points = told?.factors[key];
          return (
            <li key={key}>
              <label>
                <span>{label}</span>
                <span class="is-figure">
                  {points ?? UNKNOWN} of {most}
                </span>
                <meter min={0} max={most} value={points ?? 0} />
              </label>
            </li>
          );
        })}
      </ul>
      <p class="asset-note">
        {told === undefined
          ? ' '
          : `${told.sourceCount} sources count, ${told.onlineSources} of those that know it are online`}
      </p>
    </section>
  );
}

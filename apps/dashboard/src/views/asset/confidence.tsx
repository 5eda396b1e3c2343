import { UNKNOWN } from '../../format.js';
import type { AssetDesk } from '../../state/desk.js';

const FACTORS = [
  ['sourceDiversity', 'Sources that count', 30],
  ['updateFrequency', 'How often they tell', 25],
  ['dataRecency', 'How fresh it is', 25],
  ['priceConsistency', 'How close they are', 20],
] as const;

/** How much the price can be trusted, and what that is made of. */
export function Confidence({ desk }: { readonly desk: AssetDesk }) {
  const told = desk.confidence.answer.value?.value.confidence;
  return (
    <div class="confidence">
      <div>
        <h3>Confidence</h3>
        <p class="confidence-score">
          <b>{told?.score ?? UNKNOWN}</b> of 100
        </p>
      </div>
      <ul>
        {FACTORS.map(([key, label, most]) => {
          const points = told?.factors[key];
          return (
            <li key={key}>
              <label>
                <span>{label}</span>
                <span class="is-figure">
                  {points ?? UNKNOWN} <span class="asset-note">of {most}</span>
                </span>
                <meter min={0} max={most} value={points ?? 0} />
              </label>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

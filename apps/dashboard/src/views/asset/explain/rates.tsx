import { useEffect } from 'preact/hooks';
import type { ExplanationView } from '@haunt/client';
import { SOURCES } from '@haunt/domain';
import { price } from '../../../format.js';
import type { AssetDesk } from '../../../state/desk.js';
import { type RateLine, rateLines } from '../../../state/explain.js';

interface Props {
  readonly desk: AssetDesk;
  readonly sources: ExplanationView['sources'];
}

/** What quotes in stablecoins were converted with, and what the venues say those are worth. */
export function Rates({ desk, sources }: Props) {
  const rates = rateLines(sources);
  if (rates.length === 0) return null;
  return (
    <div class="rates">
      <h3>Conversion</h3>
      <p class="asset-note">
        A stablecoin is never assumed to be worth a dollar. Its rate is the median of what the venues say, directly and
        through Bitcoin; without two that agree, quotes in it are left out.
      </p>
      <ul>
        {rates.map((rate) => (
          <Rate key={rate.coin} rate={rate} desk={desk} />
        ))}
      </ul>
    </div>
  );
}

function Rate({ rate: { coin, rate, quotes }, desk }: { readonly rate: RateLine; readonly desk: AssetDesk }) {
  const told = desk.coins[coin];
  useEffect(() => {
    told.start();
    return () => told.end();
  }, [told]);
  const seen = (told.answer.value?.value.sources ?? []).filter(
    ({ quote, source }) => quote === 'usd' && SOURCES[source].nature === 'venue',
  );
  const name = coin.toUpperCase();
  return (
    <li>
      <p>
        <b class="is-figure">{rate === undefined ? `No trusted rate for ${name}` : `1 ${name} = ${price(rate, 6)}`}</b>
        <span class="asset-note"> for {quotes.map((source) => SOURCES[source].name).join(', ')}</span>
      </p>
      {seen.length > 0 && (
        <p class="asset-note">
          {name}/USD as traded:{' '}
          {seen.map(({ source, quotePrice, counted }) => (
            <span key={source} class={`rate-seen${counted ? '' : ' is-out'}`}>
              {SOURCES[source].name} <b class="is-figure">{price(quotePrice, 6)}</b>
            </span>
          ))}
        </p>
      )}
    </li>
  );
}

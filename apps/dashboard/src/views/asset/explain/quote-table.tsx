import { SOURCES } from '@haunt/domain';
import { age, change, percent, price, UNKNOWN } from '../../../format.js';
import { now } from '../../../state/clock.js';
import type { QuoteLine } from '../../../state/explain.js';

interface Props {
  readonly lines: readonly QuoteLine[];
  /** When they were told, epoch ms of this machine: ages go on from there. */
  readonly at: number;
}

/** Every quote on a line of its own; on a narrow screen each becomes a card. */
export function QuoteTable({ lines, at }: Props) {
  return (
    <table class="quotes">
      <caption class="sr">Every source of this price, heaviest first</caption>
      <thead>
        <tr>
          <th scope="col">Source</th>
          <th scope="col" class="is-number">
            Quote
          </th>
          <th scope="col" class="is-number">
            In USD
          </th>
          <th scope="col" class="is-number">
            From the price
          </th>
          <th scope="col" class="is-number">
            Age
          </th>
          <th scope="col" class="is-number">
            Weight
          </th>
          <th scope="col" class="is-number">
            Share
          </th>
          <th scope="col">Counts</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <Line key={`${line.source} ${line.pair}`} line={line} at={at} />
        ))}
      </tbody>
    </table>
  );
}

function Line({ line, at }: { readonly line: QuoteLine; readonly at: number }) {
  const { source, pair, quote, quotePrice, conversionRate, priceUsd, weight, counted, reason } = line;
  const coin = quote.toUpperCase();
  return (
    <tr class={counted ? undefined : 'is-out'}>
      <th scope="row">
        {SOURCES[source].name} <span class="asset-note">{pair.toUpperCase()}</span>
      </th>
      <td class="is-number" data-label="Quote">
        {price(quotePrice).replace('$', '')} <span class="asset-note">{coin}</span>
      </td>
      <td class="is-number" data-label="In USD">
        {priceUsd === null ? UNKNOWN : price(priceUsd)}
        {conversionRate !== null && quote !== 'usd' && (
          <span class="sr"> converted at {conversionRate.toFixed(6)}</span>
        )}
      </td>
      <td class="is-number" data-label="From the price">
        {change(line.distancePercent, 3)}
      </td>
      <td class="is-number" data-label="Age">
        {age(line.ageMs + Math.max(0, now.value - at))}
      </td>
      <td class="is-number" data-label="Weight">
        {weight.toFixed(1)}
      </td>
      <td class="is-number" data-label="Share">
        {counted ? percent(line.sharePercent) : UNKNOWN}
        <i class="share-bar" style={{ '--share': `${line.sharePercent}%` }} aria-hidden="true" />
      </td>
      <td class="quote-verdict" data-label="Counts">
        <span class={counted ? 'verdict is-in' : 'verdict is-out'}>{counted ? 'Yes' : 'No'}</span>
        {reason !== undefined && <span class="quote-reason">{reason}</span>}
      </td>
    </tr>
  );
}

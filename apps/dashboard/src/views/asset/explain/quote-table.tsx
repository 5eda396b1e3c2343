import type { ExplanationView } from '@haunt/client';
import { SOURCES } from '@haunt/domain';
import { age, change, decimalsOf, percent, price, UNKNOWN } from '../../../format.js';
import { now } from '../../../state/clock.js';
import { decimalsWithin, type Dot, type DotPlot, dotPlot, type QuoteLine, quoteLines } from '../../../state/explain.js';

interface Props {
  readonly explanation: ExplanationView;
  /** When they were told, epoch ms of this machine: ages go on from there. */
  readonly at: number;
}

/** Every quote on a line of its own, drawn where it lies; on a narrow screen each becomes a card. */
export function QuoteTable({ explanation, at }: Props) {
  const { dots, band, reachPercent } = dotPlot(explanation);
  const digits = reachPercent < 0.1 ? 3 : 2;
  const decimals = decimalsWithin(explanation.price, reachPercent, decimalsOf(explanation.price));
  const most = Math.max(0, ...quoteLines(explanation).map(({ sharePercent }) => sharePercent));
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
          <th scope="col" class="track-scale" aria-label="Drawn around the price">
            <span>{change(-reachPercent, digits)}</span>
            <span>{change(reachPercent, digits)}</span>
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
        {quoteLines(explanation).map((line) => {
          const dot = dots.find(({ source, pair }) => source === line.source && pair === line.pair);
          const fill = most > 0 ? line.sharePercent / most : 0;
          return (
            <Line
              key={`${line.source} ${line.pair}`}
              line={line}
              at={at}
              dot={dot}
              band={band}
              fill={fill}
              decimals={decimals}
            />
          );
        })}
      </tbody>
    </table>
  );
}

interface LineProps {
  readonly line: QuoteLine;
  readonly at: number;
  /** Undefined: it cannot be converted. */
  readonly dot: Dot | undefined;
  readonly band: DotPlot['band'];
  /** Its share beside the largest one, 0 to 1. */
  readonly fill: number;
  readonly decimals: number;
}

function Line({ line, at, dot, band, fill, decimals }: LineProps) {
  const { source, pair, quote, quotePrice, conversionRate, priceUsd, weight, counted, reason } = line;
  const coin = quote.toUpperCase();
  // In Bitcoin, say, it is a number of another size.
  const quoteDecimals = Math.max(decimals, decimalsOf(quotePrice));
  return (
    <tr class={counted ? undefined : 'is-out'}>
      <th scope="row">
        {SOURCES[source].name} <span class="asset-note">{pair.toUpperCase()}</span>
      </th>
      <td class="is-number" data-label="Quote">
        {price(quotePrice, quoteDecimals).replace('$', '')} <span class="asset-note">{coin}</span>
      </td>
      <td class="is-number" data-label="In USD">
        {priceUsd === null ? UNKNOWN : price(priceUsd, decimals)}
        {conversionRate !== null && quote !== 'usd' && (
          <span class="sr"> converted at {conversionRate.toFixed(6)}</span>
        )}
      </td>
      <td class="is-number" data-label="From the price">
        {change(line.distancePercent, 3)}
      </td>
      <td class="track-cell" data-label="">
        <Track dot={dot} band={band} />
      </td>
      <td class="is-number" data-label="Age">
        {age(line.ageMs + Math.max(0, now.value - at))}
      </td>
      <td class="is-number" data-label="Weight">
        {weight.toFixed(1)}
      </td>
      <td class="is-number" data-label="Share">
        {counted ? percent(line.sharePercent) : UNKNOWN}
        <i class="share-bar" style={{ '--share': `${fill * 100}%` }} aria-hidden="true" />
      </td>
      <td class="quote-verdict" data-label="Counts">
        <span class={counted ? 'verdict is-in' : 'verdict is-out'}>{counted ? 'Yes' : 'No'}</span>{' '}
        {reason !== undefined && <span class="quote-reason">{reason}</span>}
      </td>
    </tr>
  );
}

/** Where a quote lies: the line is the price, the band the middle half of what counts, the same in every row. */
function Track({ dot, band: [from, to] }: Pick<LineProps, 'dot' | 'band'>) {
  const place = (share: number): string => `${(share * 100).toFixed(1)}%`;
  const kind = dot === undefined ? '' : `track-dot${dot.counted ? '' : ' is-out'}${dot.isBeyond ? ' is-beyond' : ''}`;
  return (
    <div class="track" aria-hidden="true">
      <i class="track-band" style={{ '--from': place(from), '--width': place(to - from) }} />
      <i class="track-middle" />
      {dot !== undefined && <i class={kind} style={{ '--place': place(dot.place) }} />}
    </div>
  );
}

import type { ExplanationView } from '@haunt/client';
import { SOURCES } from '@haunt/domain';
import { change, percent, price } from '../../../format.js';
import { agreementWord, type Dot, dotPlot, spreadPercent } from '../../../state/explain.js';

/** Where each quote lies around the price, and the middle half of those that count. */
export function QuotePlot({ explanation }: { readonly explanation: ExplanationView }) {
  const { dots, band, reachPercent } = dotPlot(explanation);
  const spread = spreadPercent(explanation);
  const digits = reachPercent < 0.1 ? 3 : 2;
  const [from, to] = band;
  return (
    <figure class="plot">
      <figcaption>
        <span>
          Source agreement: <b>{agreementWord(spread)}</b>
        </span>
        {spread !== undefined && (
          <span class="asset-note">
            the middle half lies within {percent(spread, 3)}, {price(explanation.spread.p25)} to{' '}
            {price(explanation.spread.p75)}
          </span>
        )}
      </figcaption>
      <div class="plot-field" aria-hidden="true">
        <i class="plot-band" style={{ '--from': `${from * 100}%`, '--width': `${(to - from) * 100}%` }} />
        <i class="plot-middle" />
        {dots.map((dot, i) => (
          <i
            key={`${dot.source} ${dot.pair}`}
            class={`plot-dot${dot.counted ? '' : ' is-out'}${dot.isBeyond ? ' is-beyond' : ''}`}
            style={{ '--place': `${dot.place * 100}%`, '--lane': `${laneOf(dots, i)}` }}
            title={`${SOURCES[dot.source].name} ${dot.pair.toUpperCase()}: ${change(dot.distancePercent, 3)}`}
          >
            <span>{SOURCES[dot.source].name}</span>
          </i>
        ))}
      </div>
      <div class="plot-scale" aria-hidden="true">
        <span>{change(-reachPercent, digits)}</span>
        <span>price {price(explanation.price)}</span>
        <span>{change(reachPercent, digits)}</span>
      </div>
    </figure>
  );
}

/** Quotes close to each other stand one above the other, so that each can be seen. */
function laneOf(dots: readonly Dot[], index: number): number {
  const mine = dots[index]!.place;
  const order = dots.map((dot, i) => ({ place: dot.place, i })).toSorted((a, b) => a.place - b.place || a.i - b.i);
  const ends: number[] = [];
  for (const { place, i } of order) {
    const free = ends.findIndex((end) => place >= end);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = place + 0.11;
    if (i === index && place === mine) return lane;
  }
  return 0;
}

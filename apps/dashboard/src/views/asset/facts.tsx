import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { ChartView } from '@haunt/client';
import { Change } from '../../parts/change.js';
import { compact, count, money, percent, price } from '../../format.js';
import type { AssetDesk } from '../../state/desk.js';
import { extremes, Pace, realized } from '../../state/day-figures.js';

/** The figures around a price. What nobody has told is a dash, never a zero. */
export function FactsPanel({ desk }: { readonly desk: AssetDesk }) {
  const quotes = desk.quotes.answer.value?.value;
  const asset = desk.asset.answer.value?.value;
  const day = desk.day.answer.value?.value;
  const symbol = asset?.symbol ?? '';
  const known = (key: 'marketCap' | 'volume24h' | 'circulatingSupply'): number | undefined =>
    quotes?.[key] ?? (asset === undefined || asset.unknown.includes(key) || asset[key] === 0 ? undefined : asset[key]);
  const coins = (value: number | undefined): string => (value === undefined ? '–' : `${compact(value)} ${symbol}`);

  const pace = useRef(new Pace());
  const perMinute = useSignal<number | undefined>(undefined);
  useSignalEffect(() => {
    const answer = desk.confidence.answer.value;
    if (answer !== undefined) perMinute.value = pace.current.take(answer.value.confidence.totalUpdates, answer.at);
  });

  const rows: (readonly [label: string, value: preact.ComponentChildren])[] = [
    ['Market cap', money(known('marketCap'))],
    ['Share of the market', percent(quotes?.marketCapDominance, 2)],
    ['Volume 24 h', money(known('volume24h'))],
    ['Circulating', coins(known('circulatingSupply'))],
    ['Maximum', coins(quotes?.maxSupply ?? asset?.maxSupply)],
    ['1 hour', <Change value={quotes?.percentChange1h} />],
    ['7 days', <Change value={quotes?.percentChange7d} />],
    ['30 days', <Change value={quotes?.percentChange30d} />],
    ['Volatility 24 h', percent(day && realized(day), 2)],
    ['Updates per minute', count(perMinute.value)],
  ];
  return (
    <section class="asset-panel facts" aria-labelledby="facts-title">
      <header class="panel-head">
        <h2 id="facts-title">Market</h2>
      </header>
      <DayRange day={day} desk={desk} />
      <dl class="asset-facts">
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd class="is-figure">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Low and high of the last 24 hours, and where the price is between them. */
function DayRange({ day, desk }: { readonly day: ChartView | undefined; readonly desk: AssetDesk }) {
  const bounds = useComputed(() => extremes(desk.day.answer.value?.value, desk.price.value?.price));
  const low = useComputed(() => price(bounds.value?.low));
  const high = useComputed(() => price(bounds.value?.high));
  const share = useComputed(() => bounds.value?.share ?? 0.5);
  const place = useComputed(() => `--place: ${(share.value * 100).toFixed(1)}%`);
  if (day !== undefined && bounds.value === undefined) {
    return <p class="asset-note day-range">High and low of 24 h: not all of that was seen</p>;
  }
  return (
    <div class="day-range">
      <span class="asset-note">Low and high, 24 h</span>
      <div class="day-bar" style={place} aria-hidden="true">
        <i />
      </div>
      <p class="is-figure">
        <span>{low}</span>
        <span class="sr"> to </span>
        <span>{high}</span>
      </p>
    </div>
  );
}

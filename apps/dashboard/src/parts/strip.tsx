import type { ComponentChildren } from 'preact';
import { age, count, money, percent, UNKNOWN } from '../format.js';
import { now } from '../state/clock.js';
import { global, liveStats, marketUpdate, mood, stats } from '../state/market.js';
import { Change } from './change.js';
import { useWatch } from './use-watch.js';

/** The whole market and the server in one line. */
export function Strip() {
  useWatch(global);
  useWatch(mood);
  useWatch(stats);
  return (
    <section class="strip" aria-label="The market as a whole">
      <dl class="strip-inner">
        <WholeMarket />
        <Mood />
        <Pulse />
      </dl>
    </section>
  );
}

function WholeMarket() {
  const { data, failure } = global.answer.value;
  const pushed = marketUpdate.value;
  const known = (field: 'marketCapChange24h' | 'volumeChange24h'): number | undefined =>
    data === undefined || data.unknown.includes(field) ? undefined : data[field];
  const capChange = known('marketCapChange24h');
  const why = data === undefined ? failure : `Figures of ${data.source}`;
  return (
    <>
      <Figure label="Market cap" title={why} testId="market-cap">
        {money(pushed?.totalMarketCap ?? data?.totalMarketCap)}
        {capChange !== undefined && <Change value={capChange} />}
      </Figure>
      <Figure label="24 h volume" title={why}>
        {money(pushed?.totalVolume24h ?? data?.totalVolume24h)}
      </Figure>
      <Figure label="BTC dominance" title={why}>
        {percent(pushed?.btcDominance ?? data?.btcDominance)}
      </Figure>
    </>
  );
}

function Mood() {
  const { data, failure } = mood.answer.value;
  if (data === undefined) {
    return (
      <Figure label="Fear & greed" title={failure} extra>
        {UNKNOWN}
      </Figure>
    );
  }
  return (
    <Figure label="Fear & greed" title="alternative.me, once a day" extra>
      {data.value}
      <span class="aside">
        {data.classification}, {age(now.value - Number(data.timestamp) * 1000)} old
      </span>
    </Figure>
  );
}

function Pulse() {
  const { failure } = stats.answer.value;
  const data = liveStats.value;
  return (
    <>
      <Figure label="Updates" title={failure ?? 'Trades and tickers taken in, over the last minute'} extra testId="tps">
        {data === undefined ? UNKNOWN : count(Math.round(data.tps))}
        <span class="aside">per second</span>
      </Figure>
      <Figure label="Sources" title={failure} extra testId="sources-live">
        {data === undefined ? UNKNOWN : `${data.onlineSources} of ${data.totalSources}`}
        <span class="aside">live</span>
      </Figure>
    </>
  );
}

interface FigureProps {
  readonly label: string;
  readonly title?: string | undefined;
  /** Left out where there is little room. */
  readonly extra?: boolean;
  readonly testId?: string;
  readonly children: ComponentChildren;
}

function Figure({ label, title, extra = false, testId, children }: FigureProps) {
  return (
    <div class={`figure${extra ? ' extra' : ''}`} title={title} data-testid={testId}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

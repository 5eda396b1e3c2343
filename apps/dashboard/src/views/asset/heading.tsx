import { useComputed } from '@preact/signals';
import { Badge } from '../../parts/badge.js';
import { Change } from '../../parts/change.js';
import { HauntError, type PriceStatus } from '@haunt/client';
import { age, clockTime, decimalsOf, percent, price, UNKNOWN } from '../../format.js';
import { sectionHref } from '../../route.js';
import { now } from '../../state/clock.js';
import { type AssetDesk, isLive } from '../../state/desk.js';
import { agreementWord, spreadDecimals, spreadPercent } from '../../state/explain.js';
import { lostAt, simulated } from '../../state/server.js';
import { PriceNow } from './price-now.js';

const STATUS: Readonly<Record<PriceStatus, readonly [label: string, meaning: string]>> = {
  normal: ['Normal', 'Three or more sources count, and they agree'],
  degraded: ['Degraded', 'Only two sources count, or they disagree and nobody can tell who is wrong'],
  'single-source': ['Single source', 'One source alone gives this price'],
  stale: ['Stale', 'No source has told a price within 30 s; this is the last one'],
};

/** Who it is, what it costs, and how far that can be trusted. */
export function Heading({ desk }: { readonly desk: AssetDesk }) {
  const asset = desk.asset.answer.value?.value;
  const told = useComputed(() => {
    const view = desk.asset.answer.value?.value;
    return view === undefined || view.unknown.includes('price') || view.price === 0 ? undefined : view.price;
  });
  const isStale = useComputed(() => !isLive() || desk.price.value?.status === 'stale');
  const status = useComputed(() => desk.price.value?.status ?? desk.asset.answer.value?.value.status);
  const hasNone = useComputed(
    () =>
      desk.price.value === undefined &&
      told.value === undefined &&
      (desk.explanation.problem.value as HauntError | undefined)?.status === 503,
  );
  const symbol = asset?.symbol ?? desk.key.toUpperCase();

  return (
    <header class="asset-head">
      <a class="asset-back" href={sectionHref('market')}>
        <span aria-hidden="true">‹</span> Market
      </a>
      <div class="asset-name">
        <Badge symbol={symbol} size={44} />
        <h1>
          {asset?.name ?? symbol} <span class="asset-symbol">{symbol}</span>
        </h1>
        {asset !== undefined && asset.rank > 0 && <span class="chip rank">Rank {asset.rank}</span>}
        {simulated.value && <span class="chip is-simulated">Simulated</span>}
      </div>
      <div class="asset-price">
        <PriceNow live={desk.price} told={told} isStale={isStale} />
        <DayChange desk={desk} />
      </div>
      {hasNone.value ? (
        <p class="asset-trust" role="status">
          There is no price yet: no source that can be trusted has quoted it since the server began.
        </p>
      ) : (
        <Trust desk={desk} status={status.value} />
      )}
    </header>
  );
}

/** Renders when what is shown is another, not at every tick. */
function DayChange({ desk }: { readonly desk: AssetDesk }) {
  const change = useComputed(() => {
    const view = desk.asset.answer.value?.value;
    const listed = view?.unknown.includes('change24h') === true ? undefined : view?.change24h;
    const percent = desk.price.value?.change24h ?? listed;
    return percent === undefined ? undefined : Math.round(percent * 100) / 100;
  });
  return (
    <p class="asset-change">
      <Change value={change.value} pill />
      <span class="asset-note">24 h</span>
    </p>
  );
}

function Trust({ desk, status }: { readonly desk: AssetDesk; readonly status: PriceStatus | undefined }) {
  const trueAt = useComputed(() => {
    const at = desk.price.value?.timestamp ?? desk.asset.answer.value?.value.lastUpdated;
    return at === undefined || at === 0 ? undefined : at;
  });
  const since = useComputed(() =>
    trueAt.value === undefined ? UNKNOWN : `${clockTime(trueAt.value)}, ${age(now.value - trueAt.value)} ago`,
  );
  const explanation = desk.explanation.answer.value?.value;
  const spread = explanation && spreadPercent(explanation);
  const decimals = explanation && spreadDecimals(explanation, decimalsOf(explanation.price));
  return (
    <dl class="asset-trust">
      <div>
        <dt>Status</dt>
        <dd>
          <StatusNow status={status} trueAt={trueAt.value} />
        </dd>
      </div>
      <div class="is-wide">
        <dt>Source agreement</dt>
        <dd>
          {agreementWord(spread)}
          {explanation !== undefined && spread !== undefined && (
            <span class="asset-note">
              {' '}
              {price(explanation.spread.p25, decimals)} – {price(explanation.spread.p75, decimals)} (
              {percent(spread, 3)})
            </span>
          )}
        </dd>
      </div>
      <div>
        <dt>Confidence</dt>
        <dd class="is-figure">
          {desk.confidence.answer.value?.value.confidence.score ?? UNKNOWN} <span class="asset-note">of 100</span>
        </dd>
      </div>
      <div>
        <dt>True at</dt>
        <dd class="is-figure">{since}</dd>
      </div>
    </dl>
  );
}

interface StatusProps {
  readonly status: PriceStatus | undefined;
  readonly trueAt: number | undefined;
}

/** Without a connection nobody knows what the status is by now: then that is said instead. */
function StatusNow({ status, trueAt }: StatusProps) {
  const old = trueAt === undefined ? '' : `, ${age(now.value - trueAt)} old`;
  if (lostAt.value !== undefined) return <span class="chip stale">Not connected{old}</span>;
  if (status === undefined) return <>{UNKNOWN}</>;
  const [label, meaning] = STATUS[status];
  return (
    <span class={`chip ${status}`} title={meaning}>
      {label}
      {status === 'stale' && old}
    </span>
  );
}

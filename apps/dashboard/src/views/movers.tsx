import { computed, signal } from '@preact/signals';
import type { RankedMover, Timeframe } from '@haunt/client';
import { MOVER_WINDOW_NAMES, MOVER_WINDOWS, moverWindowOf } from '@haunt/domain';
import { money } from '../format.js';
import { Badge } from '../parts/badge.js';
import { Change } from '../parts/change.js';
import { Empty, Skeleton } from '../parts/notices.js';
import { Price } from '../parts/price.js';
import { Tabs } from '../parts/tabs.js';
import { useMovers } from '../parts/use-movers.js';
import { assetHref } from '../route.js';
import { listing } from '../state/assets.js';
import { keep, recall } from '../state/kept.js';
import { priceOf } from '../state/prices.js';

const LIMIT = 20;
const PANEL = 'movers-panel';
const MINUTE = 60_000;

const chosen = signal<Timeframe>(moverWindowOf(recall('movers') ?? '') ?? '1h');
const names = computed(
  () => new Map(listing.value.assets.map(({ facts }) => [facts.value.symbol.toUpperCase(), facts.value.name])),
);

/** Who rose and who fell most, live. */
export function MoversView() {
  const timeframe = chosen.value;
  const current = useMovers(timeframe, LIMIT);
  return (
    <section class="view" aria-labelledby="movers-title">
      <div class="view-head">
        <h1 id="movers-title">Movers</h1>
        <p class="lead">Every price beside what it was one window ago.</p>
      </div>
      <Tabs label="Window" tabs={MOVER_WINDOW_NAMES} chosen={timeframe} panel={PANEL} choose={choose} />
      <div id={PANEL} role="tabpanel" aria-labelledby={`${PANEL}-tab-${timeframe}`} class="movers">
        {current === undefined ? (
          <Skeleton lines={10} label="Waiting for the first ranking" />
        ) : (
          <>
            <Side title="Gainers" movers={current.gainers} other={current.losers} timeframe={timeframe} />
            <Side title="Losers" movers={current.losers} other={current.gainers} timeframe={timeframe} />
            <p class="footnote">
              Ranked are assets with a fresh price and {spelled(timeframe)} of history; what is not known is not
              guessed.
            </p>
          </>
        )}
      </div>
    </section>
  );
}

function choose(timeframe: Timeframe): void {
  chosen.value = timeframe;
  keep('movers', timeframe);
}

interface SideProps {
  readonly title: 'Gainers' | 'Losers';
  readonly movers: readonly RankedMover[];
  readonly other: readonly RankedMover[];
  readonly timeframe: Timeframe;
}

function Side({ title, movers, other, timeframe }: SideProps) {
  const most = Math.max(...movers.map(({ changePercent }) => Math.abs(changePercent)), 0);
  return (
    <section class="card side" aria-label={title} data-testid={title.toLowerCase()}>
      <h2>{title}</h2>
      {movers.length === 0 ? (
        <Empty title={other.length === 0 ? 'Nothing to rank yet' : `Nobody ${title === 'Gainers' ? 'rose' : 'fell'}`}>
          {other.length === 0 ? `An asset stands here once there are ${spelled(timeframe)} of its history.` : undefined}
        </Empty>
      ) : (
        <table class="movers-table" role="table">
          <caption class="sr">
            {title} within {spelled(timeframe)}
          </caption>
          <thead role="rowgroup" class="sr">
            <tr role="row">
              <th role="columnheader">Asset</th>
              <th role="columnheader">Volume over 24 hours</th>
              <th role="columnheader">Price</th>
              <th role="columnheader">Change</th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {movers.map((mover) => (
              <MoverRow
                key={mover.symbol}
                mover={mover}
                share={most === 0 ? 0 : Math.abs(mover.changePercent) / most}
              />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function MoverRow({ mover, share }: { readonly mover: RankedMover; readonly share: number }) {
  const { symbol } = mover;
  const live = priceOf(symbol).value;
  return (
    <tr role="row" class="mover-row" data-symbol={symbol.toLowerCase()}>
      <th role="rowheader" scope="row" class="name">
        <Badge symbol={symbol} size={28} />
        <span class="names">
          <a href={assetHref(symbol)} class="row-link">
            {symbol}
          </a>
          <span class="under">{names.value.get(symbol) ?? ''}</span>
        </span>
      </th>
      <td role="cell" class="volume">
        {money(mover.volume24h)}
      </td>
      <td role="cell" class="price">
        <Price value={live?.price ?? mover.price} direction={live?.tradeDirection} isWatched />
      </td>
      <td role="cell" class="swing">
        <Change value={mover.changePercent} />
        <span class="swing-bar" style={{ '--share': share.toFixed(3) }} />
      </td>
    </tr>
  );
}

function spelled(timeframe: Timeframe): string {
  const minutes = MOVER_WINDOWS[timeframe] / MINUTE;
  if (minutes === 1) return '1 minute';
  if (minutes < 60) return `${minutes} minutes`;
  return minutes === 60 ? '1 hour' : `${minutes / 60} hours`;
}

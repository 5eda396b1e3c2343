import type { RankedMover } from '@haunt/client';
import { count, price, UNKNOWN } from '../../format.js';
import { Badge } from '../../parts/badge.js';
import { Change } from '../../parts/change.js';
import { linePath } from '../../parts/sparkline.js';
import { useMovers } from '../../parts/use-movers.js';
import { assetHref } from '../../route.js';
import { liveStats, mood, pulse, stats } from '../../state/market.js';
import { Gauge } from './gauge.js';

const SHOWN = 3;

/** Three things to know before the table. */
export function Highlights() {
  return (
    <div class="highlights">
      <Movers />
      <MoodCard />
      <PulseCard />
    </div>
  );
}

function Movers() {
  const movers = useMovers('1h', SHOWN);
  return (
    <section class="card movers-card" aria-labelledby="card-movers">
      <h2 id="card-movers">
        <a href="#/movers">Moving now</a> <span class="aside">1 hour</span>
      </h2>
      <div class="movers-card-lists">
        <MoverList label="Gainers" movers={movers?.gainers} />
        <MoverList label="Losers" movers={movers?.losers} />
      </div>
    </section>
  );
}

function MoverList({ label, movers }: { readonly label: string; readonly movers: readonly RankedMover[] | undefined }) {
  if (movers === undefined || movers.length === 0) {
    return (
      <p class="card-empty">
        {movers === undefined ? 'Waiting for the first ranking' : `No ${label.toLowerCase()} within the hour`}
      </p>
    );
  }
  return (
    <ol aria-label={label}>
      {movers.map((mover) => (
        <li key={mover.symbol}>
          <Badge symbol={mover.symbol} size={20} />
          <a href={assetHref(mover.symbol)} class="row-link">
            {mover.symbol}
          </a>
          <span class="mover-price">{price(mover.price)}</span>
          <Change value={mover.changePercent} />
        </li>
      ))}
    </ol>
  );
}

function MoodCard() {
  const { data, failure } = mood.answer.value;
  return (
    <section class="card mood-card" aria-labelledby="card-mood">
      <h2 id="card-mood">Fear & greed</h2>
      {data === undefined ? (
        <p class="card-empty">{failure ?? UNKNOWN}</p>
      ) : (
        <Gauge value={data.value} word={data.classification} change={data.change} />
      )}
    </section>
  );
}

function PulseCard() {
  const { failure } = stats.answer.value;
  const data = liveStats.value;
  const values = pulse.value;
  return (
    <section class="card pulse-card" aria-labelledby="card-pulse">
      <h2 id="card-pulse">
        <a href="#/sources">Pulse</a>{' '}
        <span class="aside">{data === undefined ? '' : `${data.onlineSources} sources live`}</span>
      </h2>
      {data === undefined ? (
        <p class="card-empty">{failure ?? UNKNOWN}</p>
      ) : (
        <>
          <p class="pulse-figure">
            <strong>{count(Math.round(data.tps))}</strong> updates per second
          </p>
          {values.length > 1 && (
            <svg class="pulse-line" viewBox="0 0 240 44" preserveAspectRatio="none" aria-hidden="true">
              <path class="area" d={`${linePath(values, 240, 44, 2, 0)}V44H2Z`} />
              <path class="line" d={linePath(values, 240, 44, 2, 0)} />
            </svg>
          )}
        </>
      )}
    </section>
  );
}

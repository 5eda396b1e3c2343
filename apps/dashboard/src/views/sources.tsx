import type { ExchangeView } from '@haunt/client';
import { SOURCES } from '@haunt/domain';
import { age, compact, count, percent, UNKNOWN } from '../format.js';
import { Badge } from '../parts/badge.js';
import { Failure, Skeleton } from '../parts/notices.js';
import { useWatch } from '../parts/use-watch.js';
import { now } from '../state/clock.js';
import { stats } from '../state/market.js';

const STATES: Readonly<Record<ExchangeView['status'], string>> = {
  connected: 'Connected',
  connecting: 'Connecting',
  stale: 'Silent',
  failing: 'Failing',
  disabled: 'Disabled',
};

/** Where prices come from, and how each source fares. */
export function SourcesView() {
  useWatch(stats);
  const { data, failure } = stats.answer.value;
  return (
    <section class="view" aria-labelledby="sources-title">
      <div class="view-head">
        <h1 id="sources-title">Sources</h1>
        <p class="lead">
          {data === undefined
            ? 'Where prices come from.'
            : `${data.onlineSources} of ${data.totalSources} are live and told ${count(data.totalUpdates)} prices so far.`}
        </p>
      </div>
      {failure !== undefined && <Failure sentence={failure} retry={() => void stats.refresh()} />}
      {data === undefined && failure === undefined && <Skeleton lines={9} label="Loading the sources" />}
      {data !== undefined && <Sources exchanges={data.exchanges} />}
    </section>
  );
}

function Sources({ exchanges }: { readonly exchanges: readonly ExchangeView[] }) {
  const most = Math.max(...exchanges.map(({ updatesPerMinute }) => updatesPerMinute), 1);
  return (
    <table class="sources card" role="table">
      <caption class="sr">Every configured source with its health</caption>
      <thead role="rowgroup">
        <tr role="row" class="source-grid">
          {['Source', 'State', 'Updates', 'Last data', 'Assets', 'Weight'].map((head) => (
            <th key={head} role="columnheader" scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {exchanges.map((exchange) => (
          <SourceRow key={exchange.source} exchange={exchange} share={exchange.updatesPerMinute / most} />
        ))}
      </tbody>
    </table>
  );
}

function SourceRow({ exchange, share }: { readonly exchange: ExchangeView; readonly share: number }) {
  const { source, name, status, lastUpdate, updatesPerMinute, updatePercent, symbols } = exchange;
  const { weight, nature, feed } = SOURCES[source];
  return (
    <tr role="row" class={`source-grid source-row ${status}`} data-source={source}>
      <th role="rowheader" scope="row" class="name">
        <Badge symbol={monogram(name)} size={32} />
        <span class="names">
          {name}
          <span class="under">
            {nature === 'venue' ? 'Venue' : 'Index'}, {feed === 'stream' ? 'streamed' : 'polled'}
          </span>
        </span>
      </th>
      <td role="cell" class="state">
        <span class={`state-chip ${status}`}>
          <span class="dot" />
          {STATES[status]}
        </span>
      </td>
      <td role="cell" class="rate">
        <span class="rate-figure">{count(updatesPerMinute)}</span>
        <span class="aside">{`per minute, ${percent(updatePercent)} of all`}</span>
        <span class="bar" style={{ '--share': share.toFixed(3) }} />
      </td>
      <td role="cell" class="last">
        <span class="cell-label">Last data </span>
        {lastUpdate === undefined ? UNKNOWN : `${age(now.value - lastUpdate)} ago`}
      </td>
      <td role="cell" class="symbols">
        <span class="cell-label">Assets </span>
        {compact(symbols)}
      </td>
      <td role="cell" class="weight">
        <span class="cell-label">Weight </span>
        {weight.toFixed(1)}
      </td>
      <Remarks exchange={exchange} />
    </tr>
  );
}

/** Why it is in its state, what went wrong last, and what it does not have: one line each, none when there is nothing to say. */
function Remarks({ exchange }: { readonly exchange: ExchangeView }) {
  const { status, reason, lastError, nextAttempt, unlisted, silent, badFrames } = exchange;
  const isTrying = status === 'failing' && nextAttempt !== undefined && nextAttempt > now.value;
  const remarks = [
    reason,
    lastError === reason || lastError === undefined ? undefined : `Last error: ${lastError}`,
    isTrying ? `Next attempt in ${age(nextAttempt - now.value)}` : undefined,
    named('Not listed there', unlisted),
    named('Silent', silent),
    badFrames > 0 ? `${count(badFrames)} frames could not be read` : undefined,
  ].filter((remark) => remark !== undefined);
  if (remarks.length === 0) return null;
  return (
    <td role="cell" class="remarks">
      {remarks.map((remark) => (
        <p key={remark}>{remark}</p>
      ))}
    </td>
  );
}

/** The capitals of a name, CMC of CoinMarketCap; of a name with one its beginning. */
function monogram(name: string): string {
  const capitals = name.replace(/[^A-Z]/g, '');
  return capitals.length > 1 ? capitals : name.slice(0, 2);
}

const NAMED = 12;

function named(what: string, symbols: readonly string[]): string | undefined {
  if (symbols.length === 0) return undefined;
  const more = symbols.length > NAMED ? ` and ${symbols.length - NAMED} more` : '';
  return `${what}: ${symbols.slice(0, NAMED).join(', ').toUpperCase()}${more}`;
}

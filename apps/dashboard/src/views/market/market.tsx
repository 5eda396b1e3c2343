import { useEffect } from 'preact/hooks';
import { Empty, Failure, Skeleton } from '../../parts/notices.js';
import { listing, loadListing } from '../../state/assets.js';
import { stats } from '../../state/market.js';
import { choice, keepOrdered, ordered, search, show } from '../../state/table.js';
import { AssetTable } from './asset-table.js';
import { Filters } from './filters.js';
import { Highlights } from './highlights.js';

/** Every listed asset with its live price. */
export function MarketView() {
  useEffect(() => keepOrdered(), []);
  return (
    <section class="view market" aria-labelledby="market-title">
      <div class="view-head">
        <h1 id="market-title">Crypto prices</h1>
        <Summary />
      </div>
      <Highlights />
      <Filters />
      <Assets />
    </section>
  );
}

function Summary() {
  const { data } = stats.answer.value;
  const total = listing.value.meta?.total;
  if (data === undefined || total === undefined)
    return <p class="lead">One defensible price per asset, from many venues.</p>;
  return (
    <p class="lead">
      One defensible price for each of {total} assets, made of {data.onlineSources} live{' '}
      {data.onlineSources === 1 ? 'source' : 'sources'}.
    </p>
  );
}

function Assets() {
  const { at, failure } = listing.value;
  const assets = ordered.value;
  if (at === undefined) {
    if (failure === undefined) return <Skeleton lines={12} label="Loading the assets" />;
    return <Failure sentence={failure} retry={() => void loadListing()} />;
  }
  return (
    <>
      {failure !== undefined && (
        <Failure sentence={`The list is not up to date: ${failure}`} retry={() => void loadListing()} />
      )}
      {assets.length > 0 ? <AssetTable assets={assets} /> : <NothingFound />}
    </>
  );
}

function NothingFound() {
  const { query, filter } = choice.value;
  if (query.trim() !== '') {
    return (
      <Empty title={`No asset matches “${query.trim()}”`}>
        <button type="button" class="button" onClick={() => search('')}>
          Clear the search
        </button>
      </Empty>
    );
  }
  if (filter === 'favourites') {
    return (
      <Empty title="No favourites yet">The star beside an asset puts it here. They are kept in this browser.</Empty>
    );
  }
  return (
    <Empty title="No asset passes this filter">
      <button type="button" class="button" onClick={() => show('all')}>
        Show all
      </button>
    </Empty>
  );
}

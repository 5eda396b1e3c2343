import { useEffect, useRef } from 'preact/hooks';
import { BottomNav } from './parts/nav.js';
import { ConnectionNotice } from './parts/connection.js';
import { Header } from './parts/header.js';
import { Strip } from './parts/strip.js';
import { followAddress, type Route, route } from './route.js';
import { loadListing } from './state/assets.js';
import { connection, simulated } from './state/server.js';
import { LazyAssetView } from './views/lazy-asset.js';
import { MarketView } from './views/market/market.js';
import { MoversView } from './views/movers.js';
import { NowhereView } from './views/nowhere.js';
import { SeedingView } from './views/seeding.js';
import { SourcesView } from './views/sources.js';

followAddress();
void loadListing();

const TITLES: Readonly<Record<Route['section'], string>> = {
  market: 'Market',
  asset: 'Asset',
  movers: 'Movers',
  sources: 'Sources',
  seeding: 'Seeding',
  unknown: 'Not here',
};

/** The whole page. */
export function App() {
  const where = route.value;
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const place = where.section === 'asset' ? where.symbol : where.section;

  useEffect(() => {
    // The asset view says its price there as soon as it has one.
    document.title = `${where.section === 'asset' ? where.symbol.toUpperCase() : TITLES[where.section]} · Haunt`;
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    // As after a page load: a screen reader reads on in the new view, and not in the middle of it.
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [place]);

  return (
    <div class="shell" data-link={connection.value.status}>
      <a class="skip" href="#main" onClick={(event) => skip(event, main.current)}>
        Skip to content
      </a>
      {simulated.value && (
        <aside class="simulated" aria-label="Simulated data">
          <strong>Simulated</strong> Every price here is made up by fake venues.
        </aside>
      )}
      <Header />
      <Strip />
      <ConnectionNotice />
      <main id="main" ref={main} tabIndex={-1}>
        <View where={where} />
      </main>
      <BottomNav />
    </div>
  );
}

function View({ where }: { readonly where: Route }) {
  switch (where.section) {
    case 'market':
      return <MarketView />;
    case 'asset':
      return <LazyAssetView key={where.symbol} symbol={where.symbol} />;
    case 'movers':
      return <MoversView />;
    case 'sources':
      return <SourcesView />;
    case 'seeding':
      return <SeedingView />;
    default:
      return <NowhereView path={where.path} />;
  }
}

/** The address is the route's: the usual way of skipping would go to another view. */
function skip(event: Event, main: HTMLElement | null): void {
  event.preventDefault();
  main?.focus();
}

import { route, type Section, sectionHref } from '../route.js';
import { MarketIcon, MoversIcon, SeedingIcon, SourcesIcon } from './icons.js';

type Place = Exclude<Section, 'asset'>;

const PLACES = [
  { section: 'market', label: 'Market', Icon: MarketIcon },
  { section: 'movers', label: 'Movers', Icon: MoversIcon },
  { section: 'sources', label: 'Sources', Icon: SourcesIcon },
  { section: 'seeding', label: 'Seeding', Icon: SeedingIcon },
] as const satisfies readonly { section: Place; label: string; Icon: unknown }[];

/** The sections, in the header of a wide screen. */
export function TopNav() {
  return (
    <nav class="top-nav" aria-label="Sections">
      {PLACES.map(({ section, label }) => (
        <a key={section} href={sectionHref(section)} aria-current={current(section)}>
          {label}
        </a>
      ))}
    </nav>
  );
}

/** The sections, within reach of a thumb. One of the two is shown at a time. */
export function BottomNav() {
  return (
    <nav class="bottom-nav" aria-label="Sections">
      {PLACES.map(({ section, label, Icon }) => (
        <a key={section} href={sectionHref(section)} aria-current={current(section)}>
          <Icon size={22} />
          {label}
        </a>
      ))}
    </nav>
  );
}

function current(section: Place): 'page' | 'true' | undefined {
  const where = route.value.section;
  if (where === section) return 'page';
  return where === 'asset' && section === 'market' ? 'true' : undefined;
}

import { signal } from '@preact/signals';

export type Section = 'market' | 'asset' | 'movers' | 'sources' | 'seeding';

/** What the page shows. `symbol` is what the address names an asset by: a symbol in lower case or a numeric id. */
export type Route =
  | { readonly section: Exclude<Section, 'asset'> }
  | { readonly section: 'asset'; readonly symbol: string }
  | { readonly section: 'unknown'; readonly path: string };

/** Reads the part of an address behind `#`. Routes live there so that every other path of the server stays an honest 404. */
export function routeOf(hash: string): Route {
  const path = hash.replace(/^#\/?/, '').replace(/\/$/, '');
  const [first = '', second, ...rest] = path.split('/');
  if (first === '') return { section: 'market' };
  if (first === 'asset' && second !== undefined && second !== '' && rest.length === 0) {
    return { section: 'asset', symbol: decoded(second).toLowerCase() };
  }
  if (second === undefined && (first === 'movers' || first === 'sources' || first === 'seeding')) {
    return { section: first };
  }
  return { section: 'unknown', path: `#/${path}` };
}

/** The address of a section that is no asset's. */
export function sectionHref(section: Exclude<Section, 'asset'>): string {
  return section === 'market' ? '#/' : `#/${section}`;
}

/** The address of an asset's view. */
export function assetHref(symbol: string): string {
  return `#/asset/${encodeURIComponent(symbol.toLowerCase())}`;
}

/** Where the page is. */
export const route = signal<Route>(typeof location === 'undefined' ? { section: 'market' } : routeOf(location.hash));

/** Follows the address bar from now on. */
export function followAddress(): void {
  addEventListener('hashchange', () => {
    route.value = routeOf(location.hash);
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

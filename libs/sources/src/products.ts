import { isObject, type JsonObject, shown } from './fields.js';
import { type ListedPair, VenueFrameError } from './source.js';
import { type Aliases, symbolOf } from './spelling.js';

/** Where a venue's product list keeps what we need of one product. */
export interface ProductFields {
  readonly pair: string;
  readonly base: string;
  readonly quote: string;
  readonly tradable: (product: JsonObject) => boolean;
  readonly aliases?: Aliases;
}

/**
 * The tradable pairs of a product list. A product that cannot be read is left out; it must not cost the others.
 * @throws VenueFrameError when `products` is no list, is empty, or not one product in it can be read: an empty list taken at
 * its word would unsubscribe everything.
 */
export function readProducts(products: unknown, fields: ProductFields): ListedPair[] {
  if (!Array.isArray(products)) throw new VenueFrameError(`expected a product list, got ${shown(products)}`);
  const pairs: ListedPair[] = [];
  let readable = 0;
  for (const product of products) {
    if (!isObject(product)) continue;
    const pair = product[fields.pair];
    const base = product[fields.base];
    const quote = product[fields.quote];
    if (!isName(pair) || !isName(base) || !isName(quote)) continue;
    readable += 1;
    if (!fields.tradable(product)) continue;
    pairs.push({ pair, symbol: symbolOf(base, fields.aliases), quote: symbolOf(quote, fields.aliases) });
  }
  if (readable === 0)
    throw new VenueFrameError(`no product among ${products.length} has ${fields.pair} and currencies`);
  return pairs;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

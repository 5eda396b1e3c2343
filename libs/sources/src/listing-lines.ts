import type { ListingEntry } from '@haunt/domain';
import { decimal } from './decimal.js';
import { positive, shown } from './fields.js';
import type { ListedPage } from './listing-source.js';
import { VenueFrameError } from './source.js';

/** A number above 0; undefined for anything else. In a listing 0 means that nobody knows. */
export function above(value: unknown): number | undefined {
  const number = decimal(value);
  return number !== undefined && number > 0 ? number : undefined;
}

/** A change in percent that can be: nothing loses more than everything. */
export function changeOf(value: unknown): number | undefined {
  const number = decimal(value);
  return number !== undefined && number >= -100 ? number : undefined;
}

/** A positive whole number; undefined for anything else. */
export function count(value: unknown): number | undefined {
  const number = above(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

/** A share of something in percent, above 0 and not above 100. @throws VenueFrameError */
export function share(value: unknown, field: string): number {
  const number = positive(value, field);
  if (number <= 100) return number;
  throw new VenueFrameError(`${field} is ${shown(value)}, expected at most 100 percent`);
}

/** Leaves out what is undefined. */
export function known<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/**
 * Reads each line on its own.
 * @throws VenueFrameError when most of them lack what the asset costs or what it is worth in all.
 */
export function readLines(lines: readonly unknown[], read: (line: unknown) => ListingEntry): ListedPage {
  const entries: ListingEntry[] = [];
  let reason = '';
  for (const line of lines) {
    try {
      entries.push(read(line));
    } catch (error) {
      if (!(error instanceof VenueFrameError)) throw error;
      reason ||= `: ${error.message}`;
    }
  }
  const whole = entries.filter(({ figures }) => figures.marketCap !== undefined).length;
  if (whole * 2 >= lines.length) return { entries, lines: lines.length };
  throw new VenueFrameError(
    `most of the listing has no price or no market capitalisation (${lines.length - whole} of ${lines.length})${reason}`,
  );
}

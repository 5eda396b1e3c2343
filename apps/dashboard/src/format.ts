/** Stands where a number is not known. */
export const UNKNOWN = '–';

const MINUS = '\u2212';
const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉';
/** Zeros behind the point from which on they are counted rather than written. */
const COUNT_ZEROS_FROM = 5;

const fixed = (digits: number): Intl.NumberFormat =>
  new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const FIXED = Array.from({ length: 16 }, (_, digits) => fixed(digits));
const COMPACT = new Intl.NumberFormat('en-US', {
  notation: 'compact',
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const WHOLE = FIXED[0] as Intl.NumberFormat;

/**
 * Decimals a price of this size is shown with: cents from 10 dollars on, four below, and under a dollar as many as four significant
 * digits take, so that the smallest coins move visibly, too.
 */
export function decimalsOf(price: number): number {
  const size = Math.abs(price);
  if (size >= 10 || size === 0) return 2;
  if (size >= 0.1) return 4;
  return Math.min(15, 3 - Math.floor(Math.log10(size)));
}

/** A price in USD. From five zeros behind the point on they are counted: $0.0₅1234. */
export function price(value: number | undefined, decimals = value === undefined ? 0 : decimalsOf(value)): string {
  if (value === undefined || !Number.isFinite(value)) return UNKNOWN;
  const text = (FIXED[decimals] ?? WHOLE).format(Math.abs(value));
  const sign = value < 0 ? MINUS : '';
  const zeros = /^0\.(0+)/.exec(text)?.[1]?.length ?? 0;
  if (zeros < COUNT_ZEROS_FROM || zeros === decimals) return `${sign}$${text}`;
  const count = Array.from(String(zeros), (digit) => SUBSCRIPTS[Number(digit)]).join('');
  return `${sign}$0.0${count}${text.slice(2 + zeros)}`;
}

/** The same price with every digit written, for a screen reader or a tooltip. */
export function priceInFull(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return 'unknown';
  return `${value < 0 ? MINUS : ''}$${(FIXED[decimalsOf(value)] ?? WHOLE).format(Math.abs(value))}`;
}

/** Large amounts of USD, as $1.92T. */
export function money(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return UNKNOWN;
  return `${value < 0 ? MINUS : ''}$${compact(Math.abs(value))}`;
}

/** Large amounts of anything, as 19.84M; whole below a thousand. */
export function compact(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return UNKNOWN;
  return Math.abs(value) < 1000 ? WHOLE.format(value) : COMPACT.format(value);
}

/** A count in full, as 12,345. */
export function count(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? UNKNOWN : WHOLE.format(value);
}

/** A change with its sign, as +1.25%; one that rounds to nothing has none. */
export function change(value: number | undefined, digits = 2): string {
  if (value === undefined || !Number.isFinite(value)) return UNKNOWN;
  const text = (FIXED[digits] ?? WHOLE).format(Math.abs(value));
  const isNothing = Number(text.replaceAll(',', '')) === 0;
  return `${isNothing ? '' : value < 0 ? MINUS : '+'}${text}%`;
}

/** A share, as 56.1%. */
export function percent(value: number | undefined, digits = 1): string {
  return value === undefined || !Number.isFinite(value) ? UNKNOWN : `${(FIXED[digits] ?? WHOLE).format(value)}%`;
}

/** Which way a change goes, as it is shown: what rounds to nothing goes nowhere. */
export function directionOf(value: number | undefined, digits = 2): 'up' | 'down' | 'flat' {
  if (value === undefined || !Number.isFinite(value) || Math.abs(value) < 0.5 * 10 ** -digits) return 'flat';
  return value > 0 ? 'up' : 'down';
}

/** How long ago, as 12 s, 3 min, 2 h, 5 d; never below zero, for clocks differ. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** Time of day of a moment (epoch ms), in the reader's own zone. */
export function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

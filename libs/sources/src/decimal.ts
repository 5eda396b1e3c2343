/** What JSON and the venues write for a number; `Number()` alone would take `''`, `' '`, `'0x1'` and `null` for one. */
const DECIMAL = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A finite number out of a JSON number or a decimal text; undefined for all else (null, `''`, `'NaN'`, `'0x1'`). */
export function decimal(value: unknown): number | undefined {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && DECIMAL.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

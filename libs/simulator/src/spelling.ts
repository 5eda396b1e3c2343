/** How venues spell numbers and times. */

/** `0.79100` as `0.791`, `70.00` as `70`. */
export function trimmed(fixed: string): string {
  if (!fixed.includes('.')) return fixed;
  let end = fixed.length;
  while (fixed.charCodeAt(end - 1) === 48) end--;
  return fixed.slice(0, fixed.charCodeAt(end - 1) === 46 ? end - 1 : end);
}

/** As Java prints a double: `9.12E-7` below a thousandth and from ten million on, else plain with a decimal point. */
export function javaDouble(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
    return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
  }
  const plain = String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

/** `2021-04-17T16:43:30.244075Z` from epoch ms with fractions. */
export function isoMicros(time: number): string {
  const millis = Math.floor(time);
  return `${new Date(millis).toISOString().slice(0, -1)}${microsOf(time)}Z`;
}

/** The three digits behind the millisecond. */
export function microsOf(time: number): string {
  return String(Math.min(999, Math.round((time - Math.floor(time)) * 1000))).padStart(3, '0');
}

/** Epoch nanoseconds as text: it exceeds 2^53. */
export function nanos(time: number): string {
  return `${Math.floor(time)}${microsOf(time)}000`;
}

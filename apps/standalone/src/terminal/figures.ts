/** Thousands separated by commas. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** USD with as many decimals as the price needs to be told from its neighbours: two for BTC, ten for a meme. */
export function price(value: number): string {
  if (!(value > 0)) return '0';
  const decimals = value >= 100 ? 2 : value >= 1 ? 4 : Math.min(14, 3 - Math.floor(Math.log10(value)));
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** Prices below each other with their points in one column: `before` columns before it, `after` from it on. */
export function aligned(value: string, before: number, after: number): string {
  const point = value.indexOf('.');
  const whole = point === -1 ? value : value.slice(0, point);
  return whole.padStart(before) + (point === -1 ? '' : value.slice(point)).padEnd(after);
}

/** With its sign, two decimals. */
export function percent(value: number): string {
  const rounded = value.toFixed(2);
  return `${value > 0 && Number(rounded) !== 0 ? '+' : ''}${rounded.replace(/^-(0\.00)$/, '$1')} %`;
}

/** Ms as a person would say it. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}

/** Time of day by this machine's clock. */
export function clock(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

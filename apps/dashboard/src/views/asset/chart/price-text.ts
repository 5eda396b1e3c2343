/** Marks of an axis with as many decimals as it takes to tell them apart. */
export function marksText(prices: readonly number[]): string[] {
  const [first, second] = prices;
  const step = first === undefined || second === undefined ? 0 : Math.abs(second - first);
  // Steps are 1, 2, 2.5 or 5 times a power of ten; the sum of many is not exactly that.
  let decimals = step > 0 ? Math.max(Math.ceil(-Math.log10(step) - 1e-6), 0) : 2;
  if (step > 0 && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-3) decimals++;
  const { formatter } = formatOf(Math.min(decimals, 12));
  return prices.map(formatter);
}

/** How prices with so many decimals are written on an axis. */
export function formatOf(decimals: number): { minMove: number; formatter: (price: number) => string } {
  const format = new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return { minMove: 10 ** -decimals, formatter: (price) => format.format(price) };
}

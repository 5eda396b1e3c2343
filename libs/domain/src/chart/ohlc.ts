/** The four prices of a bucket, in one currency: the first, the highest, the lowest and the last that it saw. */
export interface Ohlc {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

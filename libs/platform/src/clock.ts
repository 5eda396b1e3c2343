/** The only place that reads the time of day; injected, so that tests may hold it. */
export abstract class Clock {
  /** Epoch ms. */
  abstract now(): number;
}

export class SystemClock extends Clock {
  override now(): number {
    return Date.now();
  }
}

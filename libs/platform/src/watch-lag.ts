import type { Consumption, Lag } from '@haunt/bus';
import type { Metrics } from './metrics.js';

/** Both gauges are read in one scrape and asked for once. */
const SAME_SCRAPE_MS = 200;

/** Shows how far behind its stream a reader is, whenever somebody scrapes. Returns what ends it. */
export function watchLag(
  metrics: Metrics,
  reader: Consumption,
  labels: { readonly topic: string; readonly partition: string },
): () => void {
  let asked: Promise<Lag | undefined> = Promise.resolve(undefined);
  let askedAt = -Infinity;
  const lag = (): Promise<Lag | undefined> => {
    const now = performance.now();
    if (now - askedAt > SAME_SCRAPE_MS) {
      askedAt = now;
      asked = reader.lag?.() ?? Promise.resolve(undefined);
    }
    return asked;
  };
  const shown = [
    { gauge: 'bus_lag_entries', of: ({ entries }: Lag) => entries },
    { gauge: 'bus_lag_seconds', of: ({ ms }: Lag) => ms !== undefined && ms / 1000 },
  ] as const;
  const ends = shown.map(({ gauge: name, of }) => {
    const end = metrics.collect(name, async (gauge) => {
      const told = await lag().catch(() => undefined);
      const value = told && of(told);
      // What is not known is not shown, rather than what it once was.
      if (typeof value === 'number') gauge.set(labels, value);
      else gauge.remove(labels);
    });
    return (): void => {
      end();
      metrics.gauge(name).remove(labels);
    };
  });
  return () => {
    for (const end of ends) end();
  };
}

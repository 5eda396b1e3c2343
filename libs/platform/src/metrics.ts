import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const PREFIX = 'haunt_';

/** Prometheus metrics of one process. Names get the prefix `haunt_`; asking for a name again gives the same metric. */
export class Metrics {
  readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Counts up; `name` ends in `_total`. */
  counter<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return this.once(name, () => new Counter<L>({ name: PREFIX + name, help, labelNames, registers: [this.registry] }));
  }

  /** Goes up and down; `collect` may set it when it is asked for. */
  gauge<L extends string = never>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
    collect?: (gauge: Gauge<L>) => void,
  ): Gauge<L> {
    return this.once(name, () => {
      return new Gauge<L>({
        name: PREFIX + name,
        help,
        labelNames,
        registers: [this.registry],
        ...(collect && {
          collect(this: Gauge<L>) {
            collect(this);
          },
        }),
      });
    });
  }

  /** `buckets` in the metric's own unit, which its name ends in (`_seconds`, `_bytes`). */
  histogram<L extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly L[] = [],
  ): Histogram<L> {
    return this.once(name, () => {
      return new Histogram<L>({
        name: PREFIX + name,
        help,
        labelNames,
        buckets: [...buckets],
        registers: [this.registry],
      });
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** The page that Prometheus scrapes. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  private once<M>(name: string, make: () => M): M {
    return (this.registry.getSingleMetric(PREFIX + name) as M | undefined) ?? make();
  }
}

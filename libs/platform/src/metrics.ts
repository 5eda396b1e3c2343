import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type CounterName, type GaugeName, type HistogramName, type LabelsOf, METRICS } from './metric-table.js';
import { version } from './version.js';

export const METRIC_PREFIX = 'haunt_';

type Collect<N extends GaugeName> = (gauge: Gauge<LabelsOf<N>>) => void | Promise<void>;

/**
 * The Prometheus metrics of one process, by their names in METRICS. Asking for a name again gives the same metric, so that
 * several rooms of one process, and several workers of one room, share it.
 */
export class Metrics {
  readonly registry = new Registry();
  private readonly collectors = new Map<GaugeName, Set<Collect<GaugeName>>>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.gauge('build_info').set({ version, node: process.version.slice(1) }, 1);
  }

  counter<N extends CounterName>(name: N): Counter<LabelsOf<N>> {
    return this.once(name, (options) => new Counter<LabelsOf<N>>(options));
  }

  gauge<N extends GaugeName>(name: N): Gauge<LabelsOf<N>> {
    return this.once(name, (options) => {
      const { collectors } = this;
      return new Gauge<LabelsOf<N>>({
        ...options,
        async collect(this: Gauge<LabelsOf<N>>) {
          for (const collect of collectors.get(name) ?? []) await collect(this);
        },
      });
    });
  }

  /**
   * `collect` sets the gauge whenever somebody scrapes, beside those who do the same for other labels of it. What it throws
   * leaves the gauge as it was. Returns what ends it.
   */
  collect<N extends GaugeName>(name: N, collect: Collect<N>): () => void {
    const gauge = this.gauge(name);
    const guarded = async (): Promise<void> => {
      try {
        await collect(gauge);
      } catch {
        // A scrape must not fail as a whole because one of many could not be asked.
      }
    };
    const all = this.collectors.get(name) ?? new Set();
    this.collectors.set(name, all.add(guarded));
    return () => void all.delete(guarded);
  }

  histogram<N extends HistogramName>(name: N): Histogram<LabelsOf<N>> {
    return this.once(name, (options) => {
      return new Histogram<LabelsOf<N>>({ ...options, buckets: [...METRICS[name].buckets] });
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** The page that Prometheus scrapes. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  private once<M, N extends keyof typeof METRICS>(name: N, make: (options: MetricOptions<N>) => M): M {
    const { help, labels } = METRICS[name];
    const known = this.registry.getSingleMetric(METRIC_PREFIX + name) as M | undefined;
    return known ?? make({ name: METRIC_PREFIX + name, help, labelNames: labels, registers: [this.registry] });
  }
}

interface MetricOptions<N extends keyof typeof METRICS> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly LabelsOf<N>[];
  readonly registers: Registry[];
}

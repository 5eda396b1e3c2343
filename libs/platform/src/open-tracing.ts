import type { Config } from './config.js';
import { noTracing, type Tracing } from './tracing.js';

/**
 * Traces of the process called `name` when OTEL_EXPORTER_OTLP_ENDPOINT is set. Only then is anything of OpenTelemetry
 * loaded: it takes time and memory that nobody else should pay for.
 */
export async function openTracing(name: string, config: Config): Promise<Tracing> {
  const { otlpEndpoint, traceShare = 0.01 } = config;
  if (otlpEndpoint === undefined) return noTracing;
  const { OtelTracing } = await import('./otel-tracing.js');
  return new OtelTracing(name, otlpEndpoint, traceShare);
}

import { MemoryBus, RedisBus, type BusOptions, type EventBus, type Incident, type IncidentKind } from '@haunt/bus';
import { TOPICS } from '@haunt/contracts';
import { FileStore, RedisStore, type KeyValueStore } from '@haunt/storage';
import type { Clock } from './clock.js';
import type { Config } from './config.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { OutageLines } from './outage-lines.js';
import { RareLines } from './rare-lines.js';
import { dataDirError } from './start-error.js';

/** What somebody should look at; the others happen in a healthy installation, too. */
const LOUD: readonly IncidentKind[] = ['handler-failed', 'dead-letter', 'dropped', 'gap'];

/** Redis Streams when REDIS_URL is set, otherwise inside this process. */
export function openBus(name: string, config: Config, clock: Clock, log: Log, metrics: Metrics): EventBus {
  const incidents = metrics.counter('bus_incidents_total');
  // A counter that begins with its first incident shows no increase by it.
  for (const [topic, { delivery }] of Object.entries(TOPICS)) {
    if (delivery !== 'tail') for (const kind of ['dead-letter', 'gap']) incidents.inc({ kind, topic }, 0);
  }
  const rare = new RareLines(log);
  const outage = new OutageLines(
    log,
    () => bus.healthy(),
    () => performance.now(),
  );
  const options: BusOptions = {
    now: () => clock.now(),
    onIncident(incident: Incident) {
      const { kind } = incident;
      const topic = topicOf(incident);
      incidents.inc({ kind, topic });
      if (kind === 'connection-lost') outage.report(incident.reader, incident.message);
      else if (LOUD.includes(kind)) rare.warn(`${kind} ${topic}`, { ...fieldsOf(incident) }, sentence(incident));
      else log.debug({ ...fieldsOf(incident) }, sentence(incident));
    },
  };
  const bus =
    config.redisUrl === undefined ? new MemoryBus(options) : new RedisBus({ ...options, url: config.redisUrl, name });
  return bus;
}

/** Redis when REDIS_URL is set, otherwise files under DATA_DIR. @throws StartError when that folder cannot be used. */
export function openStore(config: Config, clock: Clock): KeyValueStore {
  if (config.redisUrl !== undefined) return new RedisStore({ url: config.redisUrl });
  try {
    return new FileStore({ directory: config.dataDir, now: () => clock.now() });
  } catch (error) {
    throw dataDirError(error, config);
  }
}

/** What bus and store say of themselves whenever somebody scrapes. */
export function watchConnections(config: Config, bus: EventBus, store: KeyValueStore, metrics: Metrics): void {
  metrics.collect('bus_queue_entries', (gauge) => gauge.set(bus.queue().entries));
  metrics.collect('bus_queue_bytes', (gauge) => gauge.set(bus.queue().bytes));
  if (config.redisUrl === undefined) return;
  metrics.collect('redis_connected', (gauge) => {
    gauge.set({ connection: 'bus' }, bus.healthy() ? 1 : 0);
    gauge.set({ connection: 'store' }, store.healthy() ? 1 : 0);
  });
}

/** One of the topics, or of the queries; empty where it is about neither. */
function topicOf(incident: Incident): string {
  if (incident.kind === 'gap') return incident.gap.topic;
  if (incident.kind === 'late-request') return incident.query;
  return incident.kind === 'connection-lost' ? '' : incident.topic;
}

function fieldsOf(incident: Incident): object {
  if (incident.kind !== 'gap') return incident;
  const { kind, gap } = incident;
  return { kind, ...gap };
}

function sentence(incident: Incident): string {
  const where = topicOf(incident);
  return `event bus: ${incident.kind} ${where}${'message' in incident ? `: ${incident.message}` : ''}`;
}

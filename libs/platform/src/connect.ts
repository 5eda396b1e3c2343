import { MemoryBus, RedisBus, type BusOptions, type EventBus, type Incident, type IncidentKind } from '@haunt/bus';
import { FileStore, RedisStore, type KeyValueStore } from '@haunt/storage';
import type { Clock } from './clock.js';
import type { Config } from './config.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { dataDirError } from './start-error.js';

/** What somebody should look at; the others happen in a healthy installation, too. */
const LOUD: readonly IncidentKind[] = ['handler-failed', 'dead-letter', 'dropped', 'gap', 'connection-lost'];

/** Redis Streams when REDIS_URL is set, otherwise inside this process. */
export function openBus(name: string, config: Config, clock: Clock, log: Log, metrics: Metrics): EventBus {
  const incidents = metrics.counter('bus_incidents_total', 'What went wrong on the way of an event and was survived.', [
    'kind',
  ]);
  const options: BusOptions = {
    now: () => clock.now(),
    onIncident(incident: Incident) {
      incidents.inc({ kind: incident.kind });
      if (LOUD.includes(incident.kind)) log.warn({ incident }, sentence(incident));
      else log.debug({ incident }, sentence(incident));
    },
  };
  return config.redisUrl === undefined
    ? new MemoryBus(options)
    : new RedisBus({ ...options, url: config.redisUrl, name });
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

function sentence(incident: Incident): string {
  const where = 'topic' in incident ? ` ${incident.topic}` : 'reader' in incident ? ` (${incident.reader})` : '';
  return `event bus: ${incident.kind}${where}${'message' in incident ? `: ${incident.message}` : ''}`;
}

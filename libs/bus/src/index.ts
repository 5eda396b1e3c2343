export * from './event-bus.js';
export * from './entry-id.js';
export * from './incidents.js';
export { type Backoff } from './courier.js';
export { type BusOptions } from './bus-options.js';
export { MemoryBus, type DeadLetter } from './memory-bus.js';
export { RedisBus, type RedisBusOptions } from './redis/redis-bus.js';
export { BusUnavailableError } from './redis/stream-writer.js';

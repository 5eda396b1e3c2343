import { computed, signal } from '@preact/signals';
import type { MarketUpdate } from '@haunt/client';
import { Resource } from './resource.js';
import { lostAt, server } from './server.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Updates per second of so many answers are drawn. */
const PULSE_LENGTH = 60;

/** The state of the whole market. */
export const global = new Resource(() => server.rest.global(), MINUTE);
/** Fear and greed; it changes once a day. */
export const mood = new Resource(() => server.rest.fearGreed(), 10 * MINUTE);
/** Updates per second, and every source with its health. */
export const stats = new Resource(() => server.rest.stats(), 2 * SECOND);
/** The last answer of `stats`, unless it no longer says how things are: a rate of before is no rate. */
export const liveStats = computed(() => {
  const { data, failure } = stats.answer.value;
  return failure === undefined && lostAt.value === undefined ? data : undefined;
});
/** The figures of the whole market as they are pushed. */
export const marketUpdate = signal<MarketUpdate | undefined>(undefined);
/** Updates per second of the last answers, oldest first. */
export const pulse = signal<readonly number[]>([]);

server.live.on('market', (update) => {
  marketUpdate.value = update;
});

stats.answer.subscribe(({ data, failure }) => {
  if (data !== undefined && failure === undefined) pulse.value = [...pulse.peek(), data.tps].slice(-PULSE_LENGTH);
});

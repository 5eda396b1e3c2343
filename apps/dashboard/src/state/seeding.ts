import { computed, signal } from '@preact/signals';
import type { SeedingProgress, SeedState } from '@haunt/client';
import { Resource } from './resource.js';
import { server } from './server.js';

/** A job as it is shown. */
export interface Job extends SeedState {
  /** When it was last heard of live, epoch ms; absent: only asked. */
  readonly heardAt?: number;
}

/** How the history of every asset stands, as asked for. */
export const seedStates = new Resource(() => server.rest.seedStatus(), 15_000);
const heard = signal<ReadonlyMap<string, SeedingProgress & { readonly heardAt: number }>>(new Map());

let arrived = new Map<string, SeedingProgress & { readonly heardAt: number }>();

// Dozens of jobs tell of every step: the page follows twice a second.
server.live.on('seeding', (progress) => {
  if (arrived.size === 0) setTimeout(take, 500);
  arrived.set(progress.symbol, { ...progress, heardAt: Date.now() });
});

function take(): void {
  heard.value = new Map([...heard.value, ...arrived]);
  arrived = new Map();
}

/** Every job, what is told live over what was asked before it. */
export const jobs = computed<readonly Job[]>(() => {
  const { data, at = 0 } = seedStates.answer.value;
  const all = new Map<string, Job>((data ?? []).map((state) => [state.symbol, state]));
  for (const [symbol, progress] of heard.value) {
    const asked = all.get(symbol);
    if (asked === undefined || progress.heardAt >= at || progress.status === asked.status) all.set(symbol, progress);
  }
  return [...all.values()];
});

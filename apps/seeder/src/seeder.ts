import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { HistoryFetcher } from './history.fetcher.js';
import { ProviderDirectory } from './provider.directory.js';
import { ProviderPace } from './provider.pace.js';
import { SeedSchedule } from './seed.schedule.js';
import { SeedWorker } from './seed.worker.js';
import type { SeederParts } from './seeder.parts.js';
import { StablecoinRates } from './stablecoin.rates.js';

/** History on demand and in batch: its parts, put together, with the life of the application. */
export class Seeder implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stop = new AbortController();
  private readonly worker: SeedWorker;
  private readonly schedule: SeedSchedule;

  constructor(parts: SeederParts) {
    const { signal } = this.stop;
    const fetcher = new HistoryFetcher(parts, new ProviderPace(parts));
    const directory = new ProviderDirectory(parts, fetcher, signal);
    const rates = new StablecoinRates(parts, directory, fetcher);
    this.worker = new SeedWorker({ ...parts, directory, fetcher, rates }, signal);
    this.schedule = new SeedSchedule(parts, directory, signal);
  }

  onApplicationBootstrap(): void {
    this.worker.start();
    this.schedule.start();
  }

  /** Jobs are cut off where they are; their requests go back to the queue, their marks stay. */
  async onModuleDestroy(): Promise<void> {
    const closed = this.worker.close();
    this.stop.abort(new Error('the seeder ends'));
    await Promise.all([closed, this.schedule.close()]);
  }
}

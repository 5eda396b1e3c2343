import type { LivePrice } from '@haunt/contracts';
import type { AssetSymbol } from '@haunt/domain';
import { Cohort, type LiveClient, Room, type Subscription } from './roster.js';

/** Keeps rooms and cohorts while somebody is in them, and drops them when the last one leaves. Sends nothing. */
export class Watchers {
  private readonly rooms = new Map<AssetSymbol, Room>();
  private readonly cohorts = new Map<string, Cohort>();

  /** `latest`: the current price of an asset, if it has one. */
  constructor(private readonly latest: (symbol: AssetSymbol) => LivePrice | undefined) {}

  /** Assets that somebody watches. */
  get size(): number {
    return this.rooms.size;
  }

  room(symbol: AssetSymbol): Room | undefined {
    return this.rooms.get(symbol);
  }

  enter(symbol: AssetSymbol): Room {
    let room = this.rooms.get(symbol);
    if (room === undefined) {
      room = new Room(symbol, this.latest(symbol));
      this.rooms.set(symbol, room);
    }
    room.members++;
    return room;
  }

  leave(room: Room): void {
    if (--room.members === 0) this.rooms.delete(room.symbol);
  }

  leaveSingle(single: Subscription): void {
    single.client.singles.delete(single.room.symbol);
    single.resting = false;
    single.room.takeOut(single);
    this.leave(single.room);
  }

  leaveBatched(client: LiveClient, room: Room): void {
    client.batched.delete(room.symbol);
    this.leave(room);
  }

  /** The cohort of those who watch what `client` watches in batches, at this pace; `phase` keeps others apart. */
  enterCohort(client: LiveClient, intervalMs: number, phase: number): { cohort: Cohort; isNew: boolean } {
    const assets = assetsOf(client);
    const key = `${intervalMs}/${phase}/${assets}`;
    const found = this.cohorts.get(key);
    const cohort = found ?? new Cohort(key, assets, intervalMs, new Set(client.batched.values()));
    if (!found) {
      this.cohorts.set(key, cohort);
      for (const room of cohort.rooms) room.cohorts.add(cohort);
    }
    cohort.members.add(client);
    client.cohort = cohort;
    return { cohort, isNew: !found };
  }

  leaveCohort(client: LiveClient): void {
    const { cohort } = client;
    if (cohort === undefined) return;
    client.cohort = undefined;
    cohort.members.delete(client);
    cohort.newcomers.delete(client);
    if (cohort.members.size > 0) return;
    this.cohorts.delete(cohort.key);
    for (const room of cohort.rooms) room.cohorts.delete(cohort);
  }
}

/** What a client watches in batches, as one string that is the same for all who watch the same. */
export function assetsOf(client: LiveClient): string {
  return [...client.batched.keys()].sort().join();
}

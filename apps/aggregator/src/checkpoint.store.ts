import { type BlockChange, blockNames, CandleBlock, freeze } from '@haunt/domain';
import { type KeyValueStore, KEYS } from '@haunt/storage';
import type { PartitionState, StateHead } from './partition.state.js';
import { Slices } from './slices.js';

/** Bytes written in one go, apart from what must be written together. */
const CHUNK_BYTES = 512 * 1024;
/** Blocks asked for, or deleted, at once. */
const AT_ONCE = 256;

/** The checkpoint's main value: the state, and blocks that are of no use any more but may still be in the store. */
interface Saved extends StateHead {
  readonly dead: readonly string[];
}

/** What a checkpoint cost. */
export interface Saving {
  /** How long nothing else could happen, ms. */
  readonly stallMs: number;
  readonly blocks: number;
  readonly bytes: number;
}

/** A checkpoint that is there and says nothing that can be understood. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

/**
 * State and log positions as one value, and the blocks of the charts each under a key of its own: only those that changed since
 * the last checkpoint are written. What the last checkpoint refers to is replaced together with it, in one
 * transaction; blocks it does not know may be written before. So at every moment the store holds one state, whole.
 */
export class CheckpointStore {
  /** Not yet written: newest content by name; undefined: gone. */
  private readonly pending = new Map<string, CandleBlock | Uint8Array | undefined>();
  /** Names of the blocks that the checkpoint in the store refers to. */
  private known = new Set<string>();
  /** Blocks to be deleted that may still be there. */
  private dead: string[] = [];

  constructor(
    private readonly store: KeyValueStore,
    private readonly partition: number,
    /** Who holds the partition's lease; somebody else's checkpoint is not written over. */
    private readonly owner: string,
  ) {}

  /**
   * Puts the last checkpoint into `state`. False: there is none.
   * @throws CheckpointError when it cannot be understood; whatever the store throws when it is away
   */
  async load(state: PartitionState): Promise<boolean> {
    const value = await this.store.get(KEYS.checkpoint(this.partition).name);
    if (value === undefined) return false;
    const saved = parse(value);
    const names = blockNames(saved.charts);
    const blocks = new Map<string, Uint8Array>();
    await inGroups(names, async (name) => {
      const block = await this.store.get(KEYS.block(this.partition, name).name);
      // A copy: the store's own buffer may be a window into something much larger.
      if (block !== undefined) blocks.set(name, new Uint8Array(block));
    });
    await this.bury(saved.dead);
    try {
      state.restore(saved, (name) => blocks.get(name));
    } catch (error) {
      throw new CheckpointError(`the checkpoint of partition ${this.partition} cannot be restored: ${String(error)}`);
    }
    this.known = new Set(names);
    return true;
  }

  /** False: the lease is lost. @throws whatever the store throws; the next call then writes what this one did not. */
  async save(state: PartitionState): Promise<Saving | false> {
    const began = performance.now();
    const { head, blocks } = state.capture();
    for (const [name, block] of blocks) this.pending.set(name, block);
    const stallMs = performance.now() - began;
    const slices = new Slices();
    const dead = new Set(this.dead);
    const together: [string, Uint8Array][] = [];
    let chunk: [string, Uint8Array][] = [];
    let chunkBytes = 0;
    let bytes = 0;
    const pending: BlockChange[] = [...this.pending];
    for (const [name, block] of pending) {
      if (block === undefined) {
        dead.add(name);
        continue;
      }
      dead.delete(name);
      const encoded = block instanceof CandleBlock ? freeze(block) : block;
      bytes += encoded.byteLength;
      if (this.known.has(name)) together.push([name, encoded]);
      else {
        chunk.push([name, encoded]);
        chunkBytes += encoded.byteLength;
      }
      if (chunkBytes >= CHUNK_BYTES) {
        if (!(await this.write(chunk))) return false;
        chunk = [];
        chunkBytes = 0;
      }
      await slices.breathe();
    }
    const text = await stringify({ ...head, dead: [...dead] }, slices);
    const main: readonly [string, string] = [KEYS.checkpoint(this.partition).name, text];
    if (!(await this.write([...together, ...chunk], main))) return false;
    for (const [name, block] of pending) {
      if (this.pending.get(name) === block) this.pending.delete(name);
      if (block === undefined) this.known.delete(name);
      else this.known.add(name);
    }
    this.dead = [...dead];
    await this.bury(this.dead);
    this.dead = [];
    return { stallMs, blocks: pending.length, bytes: bytes + text.length };
  }

  private write(blocks: readonly [string, Uint8Array][], ...others: (readonly [string, string])[]): Promise<boolean> {
    const entries: (readonly [string, Buffer | string])[] = blocks.map(([name, bytes]) => [
      KEYS.block(this.partition, name).name,
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    ]);
    return this.store.setAllHolding(KEYS.lease(this.partition).name, this.owner, [...entries, ...others]);
  }

  private async bury(names: readonly string[]): Promise<void> {
    await inGroups(names, (name) => this.store.delete(KEYS.block(this.partition, name).name));
  }
}

function parse(value: Buffer): Saved {
  let saved: Partial<Saved>;
  try {
    saved = JSON.parse(value.toString()) as Partial<Saved>;
  } catch {
    throw new CheckpointError('the checkpoint is not JSON');
  }
  if (saved.format !== 2) throw new CheckpointError(`the checkpoint's format is ${String(saved.format)}, not 2`);
  return saved as Saved;
}

/** `JSON.stringify` of a state, list by list in slices: at once it would take ten milliseconds and more. */
async function stringify({ book, activity, charts, ...rest }: Saved, slices: Slices): Promise<string> {
  const assets = await list(book.assets, slices);
  const symbols = await list(activity.symbols, slices);
  const drawn = await list(charts.assets, slices);
  return (
    `{${inner(rest)},"book":{${inner({ ...book, assets: undefined })},"assets":${assets}},` +
    `"activity":{${inner({ ...activity, symbols: undefined })},"symbols":${symbols}},` +
    `"charts":{${inner({ ...charts, assets: undefined })},"assets":${drawn}}}`
  );
}

/** An object with at least one field, without its braces. */
function inner(object: object): string {
  return JSON.stringify(object).slice(1, -1);
}

async function list(items: readonly unknown[], slices: Slices): Promise<string> {
  const texts: string[] = [];
  for (const item of items) {
    texts.push(JSON.stringify(item));
    await slices.breathe();
  }
  return `[${texts.join(',')}]`;
}

async function inGroups<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < items.length; i += AT_ONCE) await Promise.all(items.slice(i, i + AT_ONCE).map(act));
}

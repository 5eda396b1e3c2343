import { thaw } from './block-codec.js';
import type { CandleBlock } from './candle-block.js';

/** The cold blocks that were read last, thawed; shared by all series, because each kept for itself would undo the freezing. */
export class ThawCache {
  readonly #blocks = new Map<Uint8Array, CandleBlock>();
  readonly #capacity: number;
  #last: Uint8Array | undefined;
  #lastBlock: CandleBlock | undefined;

  constructor(capacity = 64) {
    this.#capacity = capacity;
  }

  get(frozen: Uint8Array): CandleBlock {
    // Whoever reads a range asks for the same block over and over.
    if (frozen === this.#last) return this.#lastBlock!;
    let block = this.#blocks.get(frozen);
    if (block) this.#blocks.delete(frozen);
    else block = thaw(frozen);
    this.#blocks.set(frozen, block);
    if (this.#blocks.size > this.#capacity) this.#blocks.delete(this.#blocks.keys().next().value!);
    this.#last = frozen;
    this.#lastBlock = block;
    return block;
  }
}

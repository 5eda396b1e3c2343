import { Injectable } from '@nestjs/common';
import type { Envelope, Meta } from '@haunt/contracts';
import { SourceBoard } from '../source-board.js';

/** Wraps what is answered from memory. */
@Injectable()
export class Envelopes {
  constructor(private readonly sources: SourceBoard) {}

  get simulated(): boolean {
    return this.sources.isSimulated();
  }

  wrap<T>(data: T): Envelope<T> {
    return { data, meta: this.sources.isSimulated() ? { cached: false, simulated: true } : { cached: false } };
  }

  /**
   * Wraps what an upstream said earlier, in whole or in part.
   * @param asOf when it answered, epoch ms; undefined: nothing in it is an upstream's.
   */
  wrapCached<T>(data: T, asOf: number | undefined, more: Partial<Meta> = {}): Envelope<T> {
    const { meta } = this.wrap(data);
    return { data, meta: { ...meta, ...(asOf !== undefined && { cached: true, asOf }), ...more } };
  }
}

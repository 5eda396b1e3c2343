import { Injectable } from '@nestjs/common';
import type { Envelope } from '@haunt/contracts';
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
}

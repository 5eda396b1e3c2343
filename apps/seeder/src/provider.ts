import type { SourceId } from '@haunt/domain';
import type { HistorySource } from '@haunt/sources';
import type { Budget } from './provider.pace.js';

/** A source of history as it is set up here. */
export interface Provider {
  readonly id: SourceId;
  /** For people. */
  readonly name: string;
  readonly source: HistorySource;
  readonly rest: string;
  readonly key: string | undefined;
  readonly budget: Budget;
}

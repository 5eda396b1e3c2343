import { type ReadonlySignal, signal } from '@preact/signals';
import type { Envelope, Meta } from '@haunt/client';
import { ask, onReopened, sentenceOf } from './server.js';

/** What was answered last, and why the last question was not. A failure does not take away what was known. */
export interface Answer<T> {
  readonly data?: T;
  readonly meta?: Meta;
  /** When `data` was answered, epoch ms. */
  readonly at?: number;
  /** A sentence. */
  readonly failure?: string;
}

/** Something to be asked of the server again and again while somebody looks at it. */
export class Resource<T> {
  private readonly held = signal<Answer<T>>({});
  private watchers = 0;
  private timer: number | undefined;
  private asking = false;

  /** `everyMs`: how old an answer may become on a page that is looked at. */
  constructor(
    private readonly question: () => Promise<Envelope<T>>,
    private readonly everyMs: number,
  ) {
    onReopened(() => void this.refresh());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void this.refresh();
    });
  }

  get answer(): ReadonlySignal<Answer<T>> {
    return this.held;
  }

  /** Keeps it up to date until the returned function is called. */
  watch(): () => void {
    if (this.watchers++ === 0) void this.refresh();
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      if (--this.watchers === 0) window.clearTimeout(this.timer);
    };
  }

  /** Asks now, if anybody watches. */
  async refresh(): Promise<void> {
    if (this.watchers === 0 || this.asking) return;
    window.clearTimeout(this.timer);
    this.asking = true;
    try {
      const { data, meta } = await ask(this.question());
      this.held.value = { data, meta, at: Date.now() };
    } catch (error) {
      this.held.value = { ...this.held.value, failure: sentenceOf(error) };
    }
    this.asking = false;
    window.clearTimeout(this.timer);
    if (this.watchers > 0) this.timer = window.setTimeout(() => void this.again(), this.everyMs);
  }

  private async again(): Promise<void> {
    // Nobody looks: the return to the page asks at once.
    if (document.visibilityState === 'visible') await this.refresh();
  }
}

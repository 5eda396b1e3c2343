import { signal } from '@preact/signals';
import { HauntError } from '@haunt/client';

/** An answer and when it came, epoch ms of this machine. */
export interface Answered<T> {
  readonly value: T;
  readonly at: number;
}

/** A server that does not answer is asked less and less often, down to this; a connection that is back asks at once. */
const SLOWEST_MS = 12_000;

/** Why there is no answer, for a sentence that has begun: lower case, no full stop. */
export function plainly(error: unknown): string {
  if (!(error instanceof HauntError)) return error instanceof Error ? error.message : String(error);
  if (error.status > 0) return error.message;
  return error.code === 'timeout' ? 'the server does not answer in time' : 'the server cannot be reached';
}

/** Something asked for again and again while somebody looks at the page. What was known stays when an answer fails. */
export class Polled<T> {
  readonly answer = signal<Answered<T> | undefined>(undefined);
  /** Why the last question failed; undefined when it did not. */
  readonly problem = signal<unknown>(undefined);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;
  #isRunning = false;
  #failures = 0;

  /** `everyMs` from answer to question. */
  constructor(
    private readonly ask: (signal: AbortSignal) => Promise<T>,
    private readonly everyMs: number,
  ) {}

  start(): void {
    this.#isRunning = true;
    document.addEventListener('visibilitychange', this.#look);
    this.refresh();
  }

  end(): void {
    this.#isRunning = false;
    clearTimeout(this.#timer);
    this.#asking?.abort();
    document.removeEventListener('visibilitychange', this.#look);
  }

  /** Asks now. */
  refresh(): void {
    if (!this.#isRunning) return;
    clearTimeout(this.#timer);
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    void this.#settle(asking.signal);
  }

  async #settle(aborted: AbortSignal): Promise<void> {
    try {
      const value = await this.ask(aborted);
      if (aborted.aborted) return;
      this.answer.value = { value, at: Date.now() };
      this.problem.value = undefined;
      this.#failures = 0;
    } catch (error) {
      if (aborted.aborted) return;
      this.problem.value = error;
      this.#failures++;
      // What there is none of will not be there a second later.
      if (error instanceof HauntError && error.status === 404) return;
    }
    this.#again();
  }

  #again(): void {
    if (!this.#isRunning || document.visibilityState === 'hidden') return;
    const wait = Math.min(this.everyMs * 2 ** this.#failures, Math.max(this.everyMs, SLOWEST_MS));
    this.#timer = setTimeout(() => this.refresh(), wait);
  }

  readonly #look = (): void => {
    clearTimeout(this.#timer);
    if (document.visibilityState === 'visible') this.refresh();
  };
}

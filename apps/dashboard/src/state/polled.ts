import { signal } from '@preact/signals';

/** An answer and when it came, epoch ms of this machine. */
export interface Answered<T> {
  readonly value: T;
  readonly at: number;
}

/** Something asked for again and again while somebody looks at the page. What was known stays when an answer fails. */
export class Polled<T> {
  readonly answer = signal<Answered<T> | undefined>(undefined);
  /** Why the last question failed; undefined when it did not. */
  readonly problem = signal<unknown>(undefined);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;
  #isRunning = false;

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
    const { signal: aborted } = asking;
    this.ask(aborted)
      .then(
        (value) => {
          if (aborted.aborted) return;
          this.answer.value = { value, at: Date.now() };
          this.problem.value = undefined;
        },
        (error: unknown) => {
          if (!aborted.aborted) this.problem.value = error;
        },
      )
      .finally(() => {
        if (!aborted.aborted) this.#again();
      });
  }

  #again(): void {
    if (!this.#isRunning || document.visibilityState === 'hidden') return;
    this.#timer = setTimeout(() => this.refresh(), this.everyMs);
  }

  readonly #look = (): void => {
    clearTimeout(this.#timer);
    if (document.visibilityState === 'visible') this.refresh();
  };
}

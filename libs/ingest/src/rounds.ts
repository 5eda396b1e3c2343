import { Backoff } from './backoff.js';

const FIRST_FAILURE_MS = 10_000;
/** Rounds of many installations shall not meet. */
const JITTER = 0.05;

export interface RoundsRules {
  readonly everyMs: number;
  /** Gives [0, 1). */
  readonly random: () => number;
  /** One round; what it throws has been told to whom it concerns, here it only sets the pace. */
  readonly round: () => Promise<void>;
}

/** Does something again and again, never twice at once, and without ever giving up: sooner than usual after a failure. */
export class Rounds {
  private readonly backoff: Backoff;
  private timer: NodeJS.Timeout | undefined;
  private generation = 0;

  constructor(private readonly rules: RoundsRules) {
    this.backoff = new Backoff(rules.random, { baseMs: FIRST_FAILURE_MS, capMs: rules.everyMs });
  }

  /** The first round begins in `waitMs`. */
  start(waitMs: number): void {
    this.stop();
    this.after(waitMs, this.generation);
  }

  /** A round that is under way ends, and is the last. */
  stop(): void {
    this.generation++;
    clearTimeout(this.timer);
  }

  private after(waitMs: number, generation: number): void {
    this.timer = setTimeout(() => void this.roundAndGoOn(generation), waitMs);
  }

  private async roundAndGoOn(generation: number): Promise<void> {
    let waitMs: number;
    try {
      await this.rules.round();
      this.backoff.reset();
      waitMs = this.rules.everyMs * (1 + this.rules.random() * JITTER);
    } catch {
      waitMs = this.backoff.next();
    }
    if (generation === this.generation) this.after(waitMs, generation);
  }
}

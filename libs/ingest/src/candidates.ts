import { messageOf, retryAfterOf } from './failure.js';

/** A wait that an API asks for is honoured up to a day. */
const WAIT_MAX_MS = 24 * 60 * 60_000;
/** Rounds are not exact to the millisecond: one that comes a little early is not turned away. */
const EARLY = 0.9;

/** One of several that can answer the same question. */
export interface Candidate<T> {
  /** For a person. */
  readonly name: string;
  /** It is not asked again for so long after it has answered. */
  readonly everyMs: number;
  ask(): Promise<T>;
}

export interface Answered<T> {
  readonly value: T;
  readonly by: Candidate<T>;
}

/** Nobody answered; `message` has every reason. */
export class NobodyAnswered extends Error {
  override readonly name = 'NobodyAnswered';
}

/** Asks the preferred one, and those behind it when it fails. Whoever wants to be left alone is. */
export class Candidates<T> {
  private readonly restUntil = new Map<Candidate<T>, number>();

  constructor(
    private readonly list: readonly Candidate<T>[],
    private readonly now: () => number,
    /** Told of every single failure. */
    private readonly onFailure: (name: string, error: unknown) => void = () => undefined,
  ) {}

  /** @throws NobodyAnswered */
  async ask(except?: Candidate<T>): Promise<Answered<T>> {
    const reasons: string[] = [];
    for (const candidate of this.list) {
      if (candidate === except) continue;
      const restMs = (this.restUntil.get(candidate) ?? 0) - this.now();
      if (restMs > 0) {
        reasons.push(`${candidate.name} is not asked for another ${Math.ceil(restMs / 1000)} s`);
        continue;
      }
      try {
        const value = await candidate.ask();
        this.restUntil.set(candidate, this.now() + candidate.everyMs * EARLY);
        return { value, by: candidate };
      } catch (error) {
        this.restUntil.set(candidate, this.now() + Math.min(retryAfterOf(error) ?? 0, WAIT_MAX_MS));
        reasons.push(`${candidate.name}: ${messageOf(error)}`);
        this.onFailure(candidate.name, error);
      }
    }
    throw new NobodyAnswered(reasons.length === 0 ? 'there is nobody to ask' : reasons.join('; '));
  }
}

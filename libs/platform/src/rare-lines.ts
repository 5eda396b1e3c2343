import type { Log } from './log.js';

const QUIET_MS = 10_000;

/** Of a storm of lines of the same kind, lets one through every ten seconds, with how many were left out (`unsaid`). */
export class RareLines {
  private readonly kinds = new Map<string, { quietUntil: number; unsaid: number }>();

  /** `now`: ms of a clock that does not go back. */
  constructor(
    private readonly log: Pick<Log, 'warn'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** `kind` must take few values. */
  warn(kind: string, fields: object, message: string): void {
    const now = this.now();
    const known = this.kinds.get(kind);
    if (known !== undefined && now < known.quietUntil) {
      known.unsaid++;
      return;
    }
    this.kinds.set(kind, { quietUntil: now + QUIET_MS, unsaid: 0 });
    this.log.warn(known === undefined || known.unsaid === 0 ? fields : { ...fields, unsaid: known.unsaid }, message);
  }
}

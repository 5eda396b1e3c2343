import type { Log } from '@haunt/platform';

const SAMPLE_CHARACTERS = 200;
const QUIET_MS = 10_000;

/** Lets a flood of the same trouble through to the log as one line per 10 s, with a sample and how many were left out. */
export class Complaints {
  private quietUntil = 0;
  private unsaid = 0;

  constructor(
    private readonly log: Pick<Log, 'warn'>,
    private readonly message: string,
    /** On every line. */
    private readonly fields: object = {},
  ) {}

  /** `sample` is shortened. */
  say(problem: string, sample: string | Buffer): void {
    const now = performance.now();
    if (now < this.quietUntil) {
      this.unsaid++;
      return;
    }
    this.quietUntil = now + QUIET_MS;
    this.log.warn({ ...this.fields, problem, sample: shortened(sample), unsaid: this.unsaid }, this.message);
    this.unsaid = 0;
  }
}

function shortened(sample: string | Buffer): string {
  const text = typeof sample === 'string' ? sample : readable(sample);
  return text.length > SAMPLE_CHARACTERS ? `${text.slice(0, SAMPLE_CHARACTERS)}… (${text.length} characters)` : text;
}

/** Bytes that are no text would garble a terminal: they are shown in hexadecimal. */
function readable(bytes: Buffer): string {
  const start = bytes.subarray(0, SAMPLE_CHARACTERS * 2);
  const text = start.toString('utf8');
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text) ? `${bytes.length} bytes ${start.toString('hex')}` : text;
}

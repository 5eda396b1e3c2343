/** Where a process says what happens: one JSON object per line, `fields` beside `message`. This class is the Nest token. */
export abstract class Log {
  /** For following single batches through the processes. */
  trace(_fields: object, _message: string): void {}
  /** Whether `trace` writes anything: what is only for it need not be put together otherwise. */
  get isTracing(): boolean {
    return false;
  }
  abstract debug(fields: object, message: string): void;
  abstract info(fields: object, message: string): void;
  abstract warn(fields: object, message: string): void;
  /** An Error goes under the key `err`, and keeps its stack. */
  abstract error(fields: object, message: string): void;
  /** The same log with `fields` on every line. */
  abstract child(fields: object): Log;
}

class SilentLog extends Log {
  override debug(): void {}
  override info(): void {}
  override warn(): void {}
  override error(): void {}
  override child(): Log {
    return this;
  }
}

/** For tests and pure uses: says nothing. */
export const silentLog: Log = new SilentLog();

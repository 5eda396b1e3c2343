import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirError, type Config, type LogDestination } from '@haunt/platform';

const MAX_BYTES = 10 * 1024 * 1024;

/** A warning or an error as the terminal shows it. */
export interface Notice {
  /** Epoch ms. */
  readonly at: number;
  readonly level: 'warn' | 'error';
  readonly message: string;
}

/**
 * Where the log goes while the terminal shows something better: DATA_DIR/haunt.log, and haunt.log.1 when that is full.
 * The latest warnings and errors are kept, and told to whoever listens.
 */
export class LogFile implements LogDestination {
  readonly path: string;
  readonly notices: Notice[] = [];
  private bytes: number;
  private listener: (notice: Notice) => void = () => undefined;

  /** @throws StartError when the folder cannot be written to. */
  constructor(config: Config) {
    this.path = join(config.dataDir, 'haunt.log');
    try {
      mkdirSync(config.dataDir, { recursive: true });
      this.bytes = existsSync(this.path) ? statSync(this.path).size : 0;
      appendFileSync(this.path, '');
    } catch (error) {
      throw dataDirError(error, config);
    }
  }

  listen(listener: (notice: Notice) => void): void {
    this.listener = listener;
  }

  write(line: string): void {
    this.tell(line);
    try {
      if (this.bytes > MAX_BYTES) {
        renameSync(this.path, `${this.path}.1`);
        this.bytes = 0;
      }
      appendFileSync(this.path, line);
      this.bytes += line.length;
    } catch {
      // A full disk must not end a server that serves; the notices still show.
    }
  }

  private tell(line: string): void {
    const severe = /^\{"level":"(warn|error|fatal)"/.exec(line);
    if (severe === null) return;
    const { level, time, source, state, msg, err } = JSON.parse(line) as Record<string, unknown>;
    // How a source is has a line of its own on the screen.
    if (source !== undefined && state !== undefined) return;
    const from = typeof source === 'string' ? `${source}: ` : '';
    const detail = typeof err === 'object' && err !== null && 'message' in err ? `: ${String(err.message)}` : '';
    const notice: Notice = {
      at: typeof time === 'string' ? Date.parse(time) : 0,
      level: level === 'warn' ? 'warn' : 'error',
      message: `${from}${String(msg)}${detail}`,
    };
    this.notices.push(notice);
    if (this.notices.length > 20) this.notices.shift();
    this.listener(notice);
  }
}

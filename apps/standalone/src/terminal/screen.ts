import { write, writeSync } from 'node:fs';
import type { WriteStream } from 'node:tty';

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
/** Terminals that know these show a frame at once; others ignore them. */
const FRAME_BEGIN = '\x1b[?2026h';
const FRAME_END = '\x1b[?2026l';

/**
 * A terminal's own page, redrawn in place: only lines that changed are written, so that nothing flickers. Writes go
 * through the thread pool and a frame is left out while one is under way: a terminal that stands still (Ctrl-S, a dead
 * ssh) must not stop the server, and `process.stdout` would wait for it.
 */
export class Screen {
  private shown: readonly string[] = [];
  private writing = false;
  private open = true;
  private readonly leave = (): void => this.close();
  private readonly stale = (): void => {
    this.shown = [];
  };

  constructor(
    private readonly tty: WriteStream & { readonly fd: 1 | 2 },
    private readonly onResize: () => void,
  ) {
    writeSync(tty.fd, ENTER);
    process.once('exit', this.leave);
    process.on('SIGCONT', this.stale);
    tty.on('resize', this.resized);
  }

  get columns(): number {
    return this.tty.columns;
  }

  get rows(): number {
    return this.tty.rows;
  }

  draw(lines: readonly string[]): void {
    if (!this.open || this.writing) return;
    const from = this.shown;
    let frame = from.length === 0 ? '\x1b[H\x1b[2J' : '';
    for (let row = 0; row < Math.max(lines.length, from.length); row++) {
      if (lines[row] !== from[row]) frame += `\x1b[${row + 1};1H${lines[row] ?? ''}\x1b[0m\x1b[K`;
    }
    if (frame === '') return;
    this.shown = lines;
    this.writing = true;
    write(this.tty.fd, FRAME_BEGIN + frame + FRAME_END, (error) => {
      this.writing = false;
      if (error !== null) this.stale();
    });
  }

  /** Gives the terminal back as it was; idempotent. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    process.removeListener('exit', this.leave);
    process.removeListener('SIGCONT', this.stale);
    this.tty.removeListener('resize', this.resized);
    try {
      writeSync(this.tty.fd, LEAVE);
    } catch {
      // The terminal is gone: nobody is left to give it back to.
    }
  }

  private readonly resized = (): void => {
    this.stale();
    this.onResize();
  };
}

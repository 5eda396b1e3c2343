import { spawn, type ChildProcess } from 'node:child_process';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of ours as somebody starts it from a shell: with the environment given and nothing else of ours. */
export class Child {
  readonly stdout: string[] = [];
  stderr = '';
  readonly exit: Promise<Exit>;
  private readonly process: ChildProcess;
  private readonly waiting: { readonly pattern: RegExp; readonly found: (match: RegExpExecArray) => void }[] = [];
  private rest = '';

  /** `execArgv`: options of node itself. */
  constructor(file: string, env: Readonly<Record<string, string>>, execArgv: readonly string[] = []) {
    const { PATH = '' } = process.env;
    this.process = spawn(process.execPath, [...execArgv, file], {
      env: { PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.read(chunk));
    this.process.stderr?.setEncoding('utf8').on('data', (chunk: string) => (this.stderr += chunk));
    this.exit = new Promise((resolve) => this.process.once('close', (code, signal) => resolve({ code, signal })));
  }

  /** The first line of stdout that matches, also one that was there before. @throws Error when the process ends first. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (const line of this.stdout) {
      const match = pattern.exec(line);
      if (match !== null) return match;
    }
    const found = new Promise<RegExpExecArray>((resolve) => this.waiting.push({ pattern, found: resolve }));
    const ended = this.exit.then(({ code, signal }): never => {
      throw new Error(
        `ended (${code ?? signal}) before a line matched ${pattern}: ${this.stdout.join('\n')}\n${this.stderr}`,
      );
    });
    return Promise.race([found, ended]);
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  private read(chunk: string): void {
    const lines = (this.rest + chunk).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      this.stdout.push(line);
      for (const { pattern, found } of this.waiting) {
        const match = pattern.exec(line);
        if (match !== null) found(match);
      }
    }
  }
}

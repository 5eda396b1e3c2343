import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const STARTS_WITHIN_MS = 10_000;

/** A test run that is cut short must not leave servers behind. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface RedisServerOptions {
  /** Every write reaches the disk before it is answered, and is there again after `kill()` and `restart()`. */
  readonly appendOnly?: boolean;
  /** More of redis-server's own arguments, as `['--maxmemory', '50mb']`. */
  readonly args?: readonly string[];
}

/** A real redis-server of its own on a free port of this machine, with an empty folder of its own. */
export class RedisServer {
  private child: ChildProcess | undefined;
  private readonly directory = mkdtempSync(join(tmpdir(), 'haunt-redis-'));

  private constructor(
    readonly port: number,
    private readonly options: RedisServerOptions,
  ) {}

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    await server.launch();
    return server;
  }

  /** Ends it, paused or not, and removes its folder. */
  async stop(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** kill -9. What was not on disk is gone. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Ends it if it runs and starts it on the same port. Without `appendOnly` it comes back empty. */
  async restart(): Promise<void> {
    await this.end('SIGKILL');
    await this.launch();
  }

  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  private async launch(): Promise<void> {
    const { appendOnly = false, args = [] } = this.options;
    const persistence = appendOnly ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const child = spawn(
      'redis-server',
      // Small nodes, so that approximate trimming trims within the few entries of a test.
      ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.directory, '--save', '']
        .concat(['--stream-node-max-entries', '4', '--loglevel', 'warning'])
        .concat(persistence, args),
      { stdio: 'ignore' },
    );
    this.child = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    let failure: Error | undefined;
    child.once('error', (error) => (failure = error));
    child.once('exit', (code) => (failure ??= new Error(`redis-server ended with code ${code} before it was ready`)));
    for (let waited = 0; !(await answersPing(this.port)); waited += 20) {
      if (failure !== undefined) throw failure;
      if (waited > STARTS_WITHIN_MS) throw new Error(`redis-server does not answer on port ${this.port}`);
      await sleep(20);
    }
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
    });
    child.kill(signal);
    await ended;
  }
}

/** A `describe` that needs redis-server; without the binary it is skipped, and its title says why. */
export function describeRedis(title: string, body: () => void): void {
  if (redisInstalled()) describe(title, body);
  else describe.skip(`${title} (skipped: no redis-server on PATH)`, body);
}

function redisInstalled(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A port nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => settle(data.toString().startsWith('+PONG')));
    socket.once('error', () => settle(false));
    socket.setTimeout(1_000, () => settle(false));
  });
}

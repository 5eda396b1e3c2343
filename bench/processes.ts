import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';

/** `dist/`, where the compiled benches and apps lie side by side. */
export const DIST = join(__dirname, '..');

export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${process.platform}`;
}

/** CPU seconds (user and system) a process has used so far; Linux only, because it reads /proc. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

const running = new Set<ChildProcess>();

/** Ends what was started here, whatever happened. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

function tracked(child: ChildProcess): ChildProcess & { pid: number } {
  running.add(child);
  child.once('exit', () => running.delete(child));
  if (child.pid === undefined) throw new Error('process did not start');
  return child as ChildProcess & { pid: number };
}

/** One of our apps as its own process, as in production; resolves when it serves /health/live. */
export async function app(
  name: string,
  env: Record<string, string>,
  port: number,
): Promise<{ pid: number; stop: () => Promise<void> }> {
  const child = tracked(
    spawn(process.execPath, [join(DIST, `apps/${name}/src/main.js`)], {
      env: { ...process.env, LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  await until(`${name} to be up`, async () => (await fetch(`http://127.0.0.1:${port}/health/live`)).ok);
  return { pid: child.pid, stop: () => stop(child) };
}

/** What `npm run demo` starts, in a folder of its own; resolves when it has prices. */
export async function demo(
  env: Record<string, string> = {},
): Promise<{ base: string; pid: number; stop: () => Promise<void> }> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'haunt-bench-'));
  const child = tracked(
    spawn(process.execPath, [join(DIST, 'apps/standalone/src/demo.js')], {
      env: { ...process.env, PORT: String(port), DATA_DIR: folder, LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  const base = `http://127.0.0.1:${port}`;
  await until('the demo to have prices', async () => (await fetch(`${base}/health/ready`)).ok, 40_000);
  const end = async (): Promise<void> => {
    await stop(child);
    rmSync(folder, { recursive: true });
  };
  return { base, pid: child.pid, stop: end };
}

/** A role of these benches as its own process. It says `{ ready }` when it is, and answers by messages. */
export async function role(
  file: string,
  input: unknown,
): Promise<{ pid: number; ready: unknown; ask(message: unknown): Promise<unknown>; stop(): Promise<void> }> {
  const child = tracked(
    fork(join(__dirname, file), [JSON.stringify(input)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  const next = async (): Promise<unknown> => {
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error(`${file} ended early`);
      }),
    ])) as unknown[];
    return message;
  };
  const ready = await next();
  return {
    pid: child.pid,
    ready,
    ask: async (message) => {
      child.send(message as object);
      return next();
    },
    stop: () => stop(child),
  };
}

/** A real Redis without persistence on a free port. */
export async function redis(): Promise<{ url: string; port: number; pid: number; stop: () => Promise<void> }> {
  const port = await freePort();
  const child = tracked(
    spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], { stdio: 'ignore' }),
  );
  await until('redis to be up', async () =>
    Promise.resolve(
      execFileSync('redis-cli', ['-p', String(port), 'ping'], { stdio: 'pipe' })
        .toString()
        .startsWith('PONG'),
    ),
  );
  return { url: `redis://127.0.0.1:${port}`, port, pid: child.pid, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), 8_000);
  await gone;
  clearTimeout(hard);
}

export async function until(what: string, check: () => Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(50)) {
    try {
      if (await check()) return;
    } catch {
      // not yet
    }
  }
  throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function percentile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}

export const per = (value: number): string => Math.round(value).toLocaleString('en-US');

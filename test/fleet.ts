import { Child, type Exit } from './child.js';

/** What a process must be started with. */
export interface Ship {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

/** When a partition was in whose hands, epoch ms, as their logs say. */
export interface Holding {
  readonly partition: number;
  readonly holder: string;
  readonly home: boolean;
  readonly from: number;
  /** Infinity while it still is. */
  readonly to: number;
  /** It slept through its lease, and found it with somebody else when it woke. */
  readonly lost: boolean;
}

interface Voyage {
  readonly name: string;
  readonly child: Child;
  endedAt: number;
}

interface LogLine {
  readonly time: string;
  readonly msg?: string;
  readonly partition?: number;
  readonly home?: boolean;
}

/** Processes by name, which are killed and started again; remembers what each of their lives has said. */
export class Fleet {
  private readonly voyages: Voyage[] = [];
  private readonly ships = new Map<string, Ship>();

  start(name: string, ship: Ship | undefined = this.ships.get(name)): Child {
    if (ship === undefined) throw new Error(`nobody has said what ${name} is`);
    this.ships.set(name, ship);
    const child = new Child(ship.file, ship.env);
    const voyage = { name, child, endedAt: Infinity };
    this.voyages.push(voyage);
    void child.exit.then(() => (voyage.endedAt = Math.min(voyage.endedAt, Date.now())));
    return child;
  }

  /** Resolves when it has ended. */
  async kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    const voyage = this.voyages.findLast((one) => one.name === name && one.endedAt === Infinity);
    if (voyage === undefined) throw new Error(`${name} does not run`);
    voyage.child.kill(signal);
    const exit = await voyage.child.exit;
    return exit;
  }

  async stop(): Promise<void> {
    const afloat = this.voyages.filter(({ endedAt }) => endedAt === Infinity);
    for (const { child } of afloat) child.kill('SIGKILL');
    await Promise.all(afloat.map(({ child }) => child.exit));
  }

  /** What has been said at level `error` or `fatal`, and on stderr: should be nothing. */
  complaints(): string[] {
    return this.voyages.flatMap(({ name, child }) => [
      ...child.stdout.filter((line) => /"level":"(error|fatal)"/.test(line)).map((line) => `${name}: ${line}`),
      ...(name !== 'simulator' && child.stderr !== '' ? [`${name}: ${child.stderr}`] : []),
    ]);
  }

  /** Oldest first. */
  holdings(): Holding[] {
    const holdings = this.voyages.flatMap(({ name, child, endedAt }) => {
      const open = new Map<number, { home: boolean; from: number }>();
      const closed: Holding[] = [];
      const close = (partition: number, to: number, lost = false): void => {
        const holding = open.get(partition);
        open.delete(partition);
        if (holding !== undefined) closed.push({ partition, holder: name, ...holding, to, lost });
      };
      for (const line of child.stdout) {
        if (!line.includes('"partition":')) continue;
        const { time, msg, partition = -1, home = false } = JSON.parse(line) as LogLine;
        if (msg === 'partition taken') open.set(partition, { home, from: Date.parse(time) });
        const isLost = msg?.startsWith('partition lost') === true;
        if (isLost || msg === 'partition put down') close(partition, Date.parse(time), isLost);
      }
      for (const partition of Array.from(open.keys())) close(partition, endedAt);
      return closed;
    });
    return holdings.toSorted((a, b) => a.from - b.from);
  }
}

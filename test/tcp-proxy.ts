import { connect, createServer, type Server, type Socket } from 'node:net';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** A wire to a server of this machine that can be cut, silenced and deafened. */
export class TcpProxy {
  private readonly pairs = new Set<Pair>();
  private refusing = false;
  private answersHeld = false;
  private silent = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const proxy = new TcpProxy(server, address.port);
    server.on('connection', (near) => proxy.accept(near, targetPort));
    return proxy;
  }

  /** Open connections. */
  get connections(): number {
    return this.pairs.size;
  }

  /** Ends every connection; new ones work. */
  cut(): void {
    for (const { near, far } of this.pairs) {
      near.destroy();
      far.destroy();
    }
  }

  /** Ends every connection and takes no new one, until `accept`ed again with `false`. */
  refuse(refusing = true): void {
    this.refusing = refusing;
    if (refusing) this.cut();
  }

  /** Requests still get through, answers no longer: what was asked for happens, and the asker never knows. */
  holdAnswers(held = true): void {
    this.answersHeld = held;
  }

  /** Half-open: connections stay, nothing gets through either way. */
  silence(silent = true): void {
    this.silent = silent;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }

  private accept(near: Socket, targetPort: number): void {
    if (this.refusing) {
      near.destroy();
      return;
    }
    const far = connect(targetPort, '127.0.0.1');
    const pair = { near, far };
    this.pairs.add(pair);
    near.on('data', (data) => this.silent || far.write(data));
    far.on('data', (data) => this.silent || this.answersHeld || near.write(data));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => {
        this.pairs.delete(pair);
        other.destroy();
      });
    }
  }
}

import type { SourceId } from '@haunt/domain';
import { SOURCES_BY_ID, type ListedPair, type StreamSource, type VenueMessage } from '@haunt/sources';
import { WebSocket } from 'ws';
import { Simulator, type SimulatorOptions } from './simulator.js';
import { StreamVenue } from './stream-venue.js';
import type { Violation } from './venue.js';

/** For specs: a simulation whose clock is moved by hand. */
export class Stage {
  time = Date.UTC(2026, 10, 20, 9);
  readonly clients: Client[] = [];

  private constructor(readonly simulator: Simulator) {}

  static async open(options: SimulatorOptions = {}): Promise<Stage> {
    const clock = { stage: undefined as Stage | undefined };
    const now = (): number => clock.stage?.time ?? 0;
    const simulator = await Simulator.start({
      symbols: ['btc', 'eth', 'doge', 'shib', 'pepe'],
      ...options,
      now,
      everyMs: 3_600_000,
    });
    return (clock.stage = new Stage(simulator));
  }

  /** Lets `ms` pass in steps, and the sockets do what they have to at each. */
  async pass(ms: number, stepMs = ms): Promise<void> {
    for (let gone = 0; gone < ms; gone += stepMs) {
      this.time += Math.min(stepMs, ms - gone);
      this.simulator.round();
      await settled();
    }
  }

  venue(id: SourceId): StreamVenue {
    const venue = this.simulator.venues[id];
    if (!(venue instanceof StreamVenue)) throw new Error(`${id} does not stream`);
    return venue;
  }

  get broken(): string[] {
    return this.simulator.violations.map(({ venue, rule }: Violation) => `${venue} ${rule}`);
  }

  rest(id: SourceId, path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.simulator.addresses[id].rest + path, init);
  }

  /** Connects as the venue wants it, token included; `path` replaces the usual one. */
  async client(id: SourceId, path?: string): Promise<Client> {
    const source = SOURCES_BY_ID[id] as StreamSource;
    let url = this.simulator.addresses[id].ws ?? '';
    if (path !== undefined) url = this.simulator.addresses[id].rest.replace('http', 'ws') + path;
    if (path === undefined && source.ticket !== undefined) {
      const body: unknown = await (await this.rest(id, source.ticket.request.path, { method: 'POST' })).json();
      url = source.ticket.address(body, 'spec', undefined).url;
    }
    const client = new Client(source, url);
    this.clients.push(client);
    await client.opened;
    this.simulator.round();
    await settled();
    return client;
  }

  async close(): Promise<void> {
    for (const { socket } of this.clients) socket.terminate();
    await this.simulator.stop();
  }
}

export class Client {
  readonly socket: WebSocket;
  /** Decoded, in the order received. */
  readonly texts: string[] = [];
  readonly opened: Promise<void>;
  status: number | undefined;
  headers: Record<string, unknown> = {};
  closedWith: number | undefined;

  constructor(
    readonly source: StreamSource,
    url: string,
  ) {
    this.socket = new WebSocket(url, { autoPong: false });
    this.socket.on('message', (data: Buffer) => this.texts.push(source.decode?.(data) ?? data.toString('utf8')));
    this.socket.on('close', (code) => (this.closedWith = code));
    this.socket.on('error', () => {});
    this.socket.on('upgrade', ({ headers }) => (this.headers = headers));
    this.opened = new Promise((resolve) => {
      this.socket.once('open', () => resolve());
      this.socket.once('close', () => resolve());
      this.socket.on('unexpected-response', (_request, { statusCode, headers }) => {
        this.status = statusCode;
        this.headers = headers;
        this.socket.terminate();
      });
    });
  }

  async send(...frames: readonly (string | object)[]): Promise<void> {
    for (const frame of frames) this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    await settled();
  }

  subscribe(pairs: readonly ListedPair[]): Promise<void> {
    const { pairsPerFrame } = this.source.limits;
    const frames: string[] = [];
    let id = 0;
    for (let from = 0; from < pairs.length; from += pairsPerFrame) {
      frames.push(...this.source.subscribe(pairs.slice(from, from + pairsPerFrame), () => ++id));
    }
    return this.send(...frames);
  }

  /** What the dialect makes of everything received. */
  get messages(): VenueMessage[] {
    return this.texts.flatMap((text) => this.source.parse(text));
  }

  get trades(): Extract<VenueMessage, { type: 'trade' }>[] {
    return this.messages.filter((message) => message.type === 'trade');
  }
}

/** Both ends of a loopback socket have read what the other wrote. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
}

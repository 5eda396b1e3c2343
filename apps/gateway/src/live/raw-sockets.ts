import { Injectable } from '@nestjs/common';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { MAX_MESSAGE_BYTES } from '@haunt/contracts';
import { AssetDirectory, Log } from '@haunt/platform';
import { SourceBoard } from '../source-board.js';
import type { Frame } from './frames.js';
import { LiveServer } from './live-server.js';
import { OutspokenSocket } from './outspoken-socket.js';
import { readFrame, RequestError } from './requests.js';
import type { Wire } from './roster.js';
import { spellingBy } from './spelling.js';

/** A close frame may stay unread for this long. */
export const GRACE_MS = 2_000;
const PING_MS = 30_000;

/** A `/ws` connection. Frames go to its TCP socket as they are: without compression `ws` would do the same, slower. */
class RawWire implements Wire {
  readonly format = 'ws';

  constructor(
    private readonly ws: WebSocket,
    private readonly socket: Socket,
  ) {}

  write(_frames: readonly Frame[], bytes: Buffer): void {
    if (this.ws.readyState === WebSocket.OPEN) this.socket.write(bytes);
  }

  backlog(): number {
    return this.socket.writableLength;
  }

  close(code: number, reason: string): void {
    this.ws.close(code, reason);
    setTimeout(() => this.ws.terminate(), GRACE_MS).unref();
  }
}

/** The live prices on a plain WebSocket at `/ws`. */
@Injectable()
export class RawSockets {
  private readonly spelling;
  private readonly server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    WebSocket: OutspokenSocket,
  });

  constructor(
    private readonly live: LiveServer,
    private readonly log: Log,
    sources: SourceBoard,
    directory: AssetDirectory,
  ) {
    this.spelling = spellingBy(directory);
    this.server.on('headers', (headers) => {
      if (sources.isSimulated()) headers.push('x-haunt-simulated: 1');
    });
  }

  /** Takes over an HTTP upgrade, or refuses it with a status and a reason. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const address = this.live.addresses.of(request);
    if (this.live.isClosing)
      return refuseUpgrade(socket, 503, 'restarting', 'the server is restarting; try again in a few seconds');
    const refusal = this.live.limits.refusal(address);
    if (refusal !== undefined) return refuseUpgrade(socket, 429, 'too_many_connections', refusal);
    this.server.handleUpgrade(request, socket, head, (ws) => this.serve(ws, request.socket, address));
  }

  private serve(ws: WebSocket, socket: Socket, address: string): void {
    const { conversation, drained, ended } = this.live.connect(new RawWire(ws, socket), address);
    ws.on('message', (data, isBinary) => {
      conversation.hear(() => {
        if (isBinary)
          throw new RequestError('invalid_message', 'messages are JSON in text frames; this one was binary');
        return readFrame(textOf(data), this.spelling);
      }, this.live.now());
    });
    // A frame that breaks the protocol or is too large: it is closed with a code and a reason that say so.
    ws.on('error', (error) => this.log.debug({ err: error, address }, 'a client broke the WebSocket protocol'));
    socket.on('drain', drained);
    const stop = keepAlive(ws);
    ws.on('close', () => {
      stop();
      ended();
    });
  }
}

/** Ends a connection whose other side no longer answers pings. */
function keepAlive(ws: WebSocket): () => void {
  let alive = true;
  ws.on('pong', () => (alive = true));
  const timer = setInterval(() => {
    if (!alive) return ws.terminate();
    alive = false;
    ws.ping();
  }, PING_MS);
  return () => clearInterval(timer);
}

/** Answers an upgrade request that is not granted, as any other failure: JSON with a sentence. */
export function refuseUpgrade(socket: Duplex, status: number, code: string, error: string): void {
  const body = JSON.stringify({ error, status, code });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...(status === 429 || status === 503 ? ['Retry-After: 5'] : []),
  ];
  socket.on('error', () => undefined);
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), GRACE_MS).unref();
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}

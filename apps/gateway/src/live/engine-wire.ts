import type { Socket as TcpSocket } from 'node:net';
import type { Socket } from 'socket.io';
import { WebSocket } from 'ws';
import type { Frame } from './frames.js';
import { GRACE_MS } from './raw-sockets.js';
import type { Wire } from './roster.js';

/** What lies under a Socket.IO client, as far as it is needed here (engine.io 6.6). */
interface EngineSocket {
  readonly readyState: string;
  readonly upgrading: boolean;
  /** Packets that wait for the one before them to be written. */
  readonly writeBuffer: readonly { readonly data?: unknown }[];
  readonly transport: { readonly name: string; readonly socket?: WebSocket & { readonly _socket?: TcpSocket } };
  write(data: string, options?: { compress?: boolean }): void;
  close(discard?: boolean): void;
  on(event: 'drain' | 'upgrade', listener: () => void): void;
}

/**
 * A Socket.IO connection. On WebSocket a frame that is encoded already goes to the TCP socket as it is, and all frames of
 * a turn in one write; while Engine.IO itself still holds packets back, and on polling, it goes through Engine.IO, so that nothing
 * overtakes anything.
 */
export class EngineWire implements Wire {
  readonly format = 'io';
  private readonly engine: EngineSocket;

  constructor(socket: Socket) {
    this.engine = socket.conn as unknown as EngineSocket;
  }

  write(frames: readonly Frame[], bytes: Buffer): void {
    const { engine } = this;
    if (engine.readyState !== 'open') return;
    const tcp = this.tcpSocket();
    if (tcp !== undefined && engine.writeBuffer.length === 0) {
      tcp.write(bytes);
      return;
    }
    for (const { text } of frames) engine.write(text, { compress: false });
  }

  backlog(): number {
    let bytes = this.tcpSocket()?.writableLength ?? 0;
    for (const { data } of this.engine.writeBuffer) if (typeof data === 'string') bytes += data.length;
    return bytes;
  }

  /** The listener is called when everything is written, on whatever transport the client is by then. */
  onDrain(listener: () => void): void {
    const listen = (): void => void this.tcpSocket()?.on('drain', listener);
    listen();
    this.engine.on('upgrade', listen);
    this.engine.on('drain', listener);
  }

  close(code: number, reason: string): void {
    // Not `socket.disconnect()`: a client that was told to go by the server does not come back by itself.
    const { socket } = this.engine.transport;
    if (this.engine.transport.name === 'websocket') socket?.close(code, reason);
    else this.engine.close();
    setTimeout(() => {
      if (socket !== undefined) socket.terminate();
      this.engine.close(true);
    }, GRACE_MS).unref();
  }

  private tcpSocket(): TcpSocket | undefined {
    const { name, socket } = this.engine.transport;
    return name === 'websocket' && socket?.readyState === WebSocket.OPEN ? socket._socket : undefined;
  }
}

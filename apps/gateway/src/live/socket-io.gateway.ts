import { type OnGatewayConnection, WebSocketGateway } from '@nestjs/websockets';
import type { ClientToServerEvents, ServerToClientEvents } from '@haunt/contracts';
import { AssetDirectory } from '@haunt/platform';
import type { Socket } from 'socket.io';
import type { Acknowledged } from './conversation.js';
import { EngineWire } from './engine-wire.js';
import { LiveServer } from './live-server.js';
import { readRequest } from './requests.js';
import { spellingBy } from './spelling.js';

/**
 * The live prices as Socket.IO events. Messages are bound by hand: an interceptor chain per message would cost more than
 * what it does, and existing clients repeat their subscription 25 times a second.
 */
@WebSocketGateway()
export class SocketIoGateway implements OnGatewayConnection {
  private readonly spelling;

  constructor(
    private readonly live: LiveServer,
    directory: AssetDirectory,
  ) {
    this.spelling = spellingBy(directory);
  }

  handleConnection(socket: Socket<ClientToServerEvents, ServerToClientEvents>): void {
    const wire = new EngineWire(socket);
    const connection = this.live.connect(wire, this.live.addresses.of(socket.request));
    wire.onDrain(connection.drained);
    socket.on('disconnect', connection.ended);
    const hear = (type: string, args: unknown[]): void => {
      const last = args.at(-1);
      const acknowledged = typeof last === 'function' ? (last as Acknowledged) : undefined;
      const body = acknowledged === undefined || args.length > 1 ? args[0] : undefined;
      connection.conversation.hear(() => readRequest(type, body, this.spelling), this.live.now(), acknowledged);
    };
    socket.onAny((type: string, ...args: unknown[]) => hear(type, args));
    // The handshake has what is needed; the request, with its headers and buffers, would stay as long as the client.
    (socket.conn as { request?: unknown }).request = undefined;
  }
}

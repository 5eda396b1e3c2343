import { MAX_MESSAGE_BYTES } from '@haunt/contracts';
import { WebSocket, WebSocketServer } from 'ws';

/** For the codes that `ws` closes with by itself, without a reason. A reason has 123 bytes at the most. */
const REASONS: Readonly<Record<number, string>> = {
  1002: 'the WebSocket protocol was broken',
  1007: 'a text frame was not UTF-8',
  1009: `a message has ${MAX_MESSAGE_BYTES} bytes at the most`,
};

/** A WebSocket that says why it closes. */
export class OutspokenSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason ?? REASONS[code ?? 0]);
  }
}

/** For libraries that make their own server. */
export class OutspokenSocketServer extends WebSocketServer {
  constructor(options: ConstructorParameters<typeof WebSocketServer>[0]) {
    super({ ...options, WebSocket: OutspokenSocket });
  }
}

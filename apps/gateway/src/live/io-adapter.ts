import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { IncomingMessage } from 'node:http';
import type { Server, ServerOptions } from 'socket.io';
import { MAX_MESSAGE_BYTES } from '@haunt/contracts';
import type { Config } from '@haunt/platform';
import { SourceBoard } from '../source-board.js';
import { LiveServer } from './live-server.js';
import { OutspokenSocketServer } from './outspoken-socket.js';

/** Socket.IO as a price feed wants it: nothing compressed, nothing remembered for clients that are gone. */
export class LiveIoAdapter extends IoAdapter {
  private readonly live: LiveServer;
  private readonly sources: SourceBoard;

  constructor(
    app: INestApplicationContext,
    private readonly config: Config,
  ) {
    super(app);
    this.live = app.get(LiveServer);
    this.sources = app.get(SourceBoard);
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const settings: Partial<ServerOptions> = {
      ...options,
      transports: ['polling', 'websocket'],
      perMessageDeflate: false,
      httpCompression: false,
      serveClient: false,
      maxHttpBufferSize: MAX_MESSAGE_BYTES,
      wsEngine: OutspokenSocketServer,
      pingInterval: 25_000,
      pingTimeout: 20_000,
      connectTimeout: 10_000,
      // Unknown upgrades are refused by whoever knows all the paths.
      destroyUpgrade: false,
      cors: { origin: this.config.corsOrigins === '*' ? '*' : [...this.config.corsOrigins] },
      allowRequest: (request: IncomingMessage, answer: (error: string | null, granted: boolean) => void) => {
        const refusal = this.live.isClosing
          ? 'the server is restarting; try again in a few seconds'
          : this.live.limits.refusal(this.live.addresses.of(request));
        answer(refusal ?? null, refusal === undefined);
      },
    };
    const server: Server = super.createIOServer(port, settings as ServerOptions);
    server.engine.on('headers', (headers: Record<string, string>) => {
      if (this.sources.isSimulated()) headers['x-haunt-simulated'] = '1';
    });
    return server;
  }
}

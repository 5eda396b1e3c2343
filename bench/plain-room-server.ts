/**
 * The smallest Socket.IO server that could fan prices out: a room per asset, `emit` per update, nothing else. What it needs per
 * delivered update is what our gateway is measured against.
 */
import { createServer } from 'node:http';
import { Server } from 'socket.io';

interface Input {
  readonly symbols: readonly string[];
  /** Updates per second and symbol. */
  readonly rate: number;
}

const { symbols, rate } = JSON.parse(process.argv[2] ?? '') as Input;
const http = createServer();
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false });
io.on('connection', (socket) => {
  socket.on('subscribe', async ({ assets }: { assets: string[] }) => {
    await socket.join(assets.map((asset) => `price:${asset}`));
    socket.emit('subscribed', { assets });
  });
});

let version = 0;
function publish(): void {
  const now = Date.now();
  for (const symbol of symbols) {
    io.to(`price:${symbol}`).emit('price_update', {
      id: symbol,
      symbol,
      price: 50_000 + (version % 1000) / 100,
      previousPrice: 50_000,
      change24h: 1.25,
      volume24h: 1234567.5,
      tradeDirection: 'up',
      source: 'coinbase',
      sources: ['coinbase', 'binance', 'kraken', 'kucoin', 'okx', 'huobi'],
      timestamp: now,
      assetType: 'crypto',
      version: ++version,
      status: 'normal',
    });
  }
}

http.listen(0, '127.0.0.1', () => {
  const address = http.address();
  process.send?.({ port: address !== null && typeof address === 'object' ? address.port : 0 });
  setInterval(publish, 1000 / rate);
});

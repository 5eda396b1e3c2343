import type { SourceStatus } from '@haunt/domain';
import { percent, price, span } from './figures.js';
import type { Picture } from './picture.js';
import { render } from './render.js';
import { sourceLine } from './source-line.js';

const NOW = new Date(2026, 0, 2, 12, 30, 45).getTime();

const status = (state: SourceStatus['state'], more: Partial<SourceStatus> = {}): SourceStatus => ({
  source: 'okx',
  instance: 'i',
  state,
  since: 0,
  at: NOW,
  ticks: 0,
  tickers: 0,
  badFrames: 0,
  duplicates: 0,
  symbols: 1_097,
  unlisted: [],
  silent: [],
  ...more,
});

const failing = status('failing', {
  lastError: { message: 'stream.example: host name not found (ENOTFOUND)', at: NOW },
  nextAttemptAt: NOW + 12_000,
});

const picture: Picture = {
  now: NOW,
  url: 'http://127.0.0.1:3001',
  simulated: false,
  uptimeMs: 3_723_000,
  logPath: 'data/haunt.log',
  updatesPerMinute: 12_345,
  pricedAssets: 97,
  sources: [
    sourceLine('coinbase', status('connected', { unlisted: ['xno'], badFrames: 2 }), 5_123, NOW),
    sourceLine('binance', failing, 0, NOW),
    sourceLine('coinmarketcap', status('disabled', { reason: 'no API key' }), 0, NOW),
    sourceLine('cryptocompare', undefined, 0, NOW),
  ],
  assets: [
    {
      symbol: 'btc',
      price: 67_123.456,
      direction: 'up',
      moved: true,
      change24h: 1.234,
      sources: 9,
      status: 'normal',
    },
    {
      symbol: 'shib',
      price: 0.00002134,
      direction: 'down',
      moved: false,
      change24h: -0.001,
      sources: 2,
      status: 'degraded',
    },
    { symbol: 'ton', price: 5.61, moved: false, sources: 0, status: 'stale' },
  ],
  notices: [{ at: NOW, level: 'warn', message: 'okx: a bad frame: \x1b[2J\x07"<b>"' }],
};

test('the whole picture, as an 80 column terminal without colour shows it', () => {
  expect(render(picture, { columns: 80, rows: 24, color: false })).toEqual([
    ' HAUNT  http://127.0.0.1:3001   docs http://127.0.0.1:3001/docs',
    ' 97 assets   12,345 updates/min   up 1 h 2 min',
    '',
    '   SOURCE         STATE         ASSETS   UPDATES/MIN',
    ' ● Coinbase       connected      1,097         5,123   1 not listed there, 2 ba…',
    ' ● Binance        failing       next try in 12 s: stream.example: host name not…',
    ' ○ CoinMarketCap  disabled      no API key',
    ' ● CryptoCompare  starting           0             0',
    '',
    ' ASSET       PRICE USD             24 H SRC',
    ' BTC       67,123.46        ▲   +1.23 %   9',
    ' SHIB           0.00002134  ▼    0.00 %   2  degraded',
    ' TON            5.6100                    0  stale',
    '',
    ' 12:30:45 okx: a bad frame:  [2J "<b>"',
    '',
    ' Ctrl-C ends it   log data/haunt.log',
  ]);
});

test('no terminal is too small: never wider, never longer than it', () => {
  const crowded = { ...picture, simulated: true, assets: Array.from({ length: 40 }, () => picture.assets).flat() };
  for (const columns of [1, 20, 79, 80, 116, 240]) {
    for (const rows of [1, 5, 10, 24, 60]) {
      const lines = render(crowded, { columns, rows, color: false });
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  }
});

test('a wide terminal has the assets beside each other, read downwards', () => {
  const assets = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((symbol) => ({ ...picture.assets[0]!, symbol }));
  const lines = render({ ...picture, assets, notices: [] }, { columns: 116, rows: 40, color: false });
  const block = lines.filter((line) => line.includes('67,123.46'));
  expect(block.map((line) => line.match(/[A-H](?= )/g)?.join(''))).toEqual(['AE', 'BF', 'CG', 'DH']);
});

test('colours say up, down and failing; the simulation says so across the whole width', () => {
  const lines = render({ ...picture, simulated: true }, { columns: 100, rows: 40, color: true });
  const text = lines.join('\n');
  expect(text).toContain('\x1b[1;32m   67,123.46');
  expect(text).toContain('\x1b[31mfailing');
  const banner = lines.find((line) => line.includes('SIMULATED')) ?? '';
  expect(banner.startsWith('\x1b[1;30;43m')).toBe(true);
  expect(banner).toHaveLength('\x1b[1;30;43m'.length + 100 + '\x1b[0m'.length);
  expect(text).not.toContain('\x1b[2J');
});

test('figures', () => {
  expect([67_123.456, 100, 5.61, 0.7123, 0.00002134, 0.000000001, 0].map(price)).toEqual([
    '67,123.46',
    '100.00',
    '5.6100',
    '0.7123',
    '0.00002134',
    '0.000000001000',
    '0',
  ]);
  expect([1.005, -3.2, 0.001, -0.001, 0].map(percent)).toEqual(['+1.00 %', '-3.20 %', '0.00 %', '0.00 %', '0.00 %']);
  expect([-5, 400, 59_600, 61_000, 7_260_000, 90_000_000].map(span)).toEqual([
    '0 s',
    '0 s',
    '1 min 0 s',
    '1 min 1 s',
    '2 h 1 min',
    '1 d 1 h',
  ]);
});

import type { SourceStatus } from '@haunt/domain';
import { Reporter } from './reporter.js';

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
  symbols: 97,
  unlisted: [],
  silent: [],
  ...more,
});

test('a source that keeps failing the same way is one line, however often it is tried', () => {
  const lines: string[] = [];
  const reporter = new Reporter(
    (line) => lines.push(line),
    () => NOW,
  );
  for (let attempt = 1; attempt <= 5; attempt++) {
    const nextAttemptAt = NOW + attempt * 1_000;
    reporter.status(status('connecting'));
    reporter.status(status('failing', { lastError: { message: 'connection refused', at: NOW }, nextAttemptAt }));
  }
  reporter.status(status('connected'));
  reporter.status(status('connected', { symbols: 98 }));
  reporter.status(status('stale', { lastDataAt: NOW - 31_000 }));
  reporter.status(status('failing', { lastError: { message: 'connection refused', at: NOW } }));
  expect(lines).toEqual([
    '12:30:45 OKX failing: next try in 1 s: connection refused',
    '12:30:45 OKX connected, 97 assets',
    '12:30:45 OKX stale: no data for 31 s',
    '12:30:45 OKX failing: connection refused',
  ]);
});

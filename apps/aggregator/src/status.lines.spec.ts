import type { PriceStatus, PriceUpdate, SourceId } from '@haunt/domain';
import { StatusLines } from './status.lines.js';

let lines: string[] = [];
const log = {
  info: (_: object, message: string) => void lines.push(`info ${message}`),
  warn: (_: object, message: string) => void lines.push(`warn ${message}`),
};
const prices = (status: PriceStatus, count = 12): PriceUpdate[] =>
  Array.from({ length: count }, (_, i) => ({ symbol: `coin${i}`, status }) as PriceUpdate);
const excluded = (okx = 0): ReadonlyMap<SourceId, number> => new Map([['okx', okx]]);

let status: StatusLines;
beforeEach(() => {
  lines = [];
  status = new StatusLines(log, 0);
});

test('a hundred prices that turn stale are one line, and one when they are good again', () => {
  status.look(prices('single-source'), excluded(), 0);
  status.look(prices('stale'), excluded(), 1_000);
  status.look(prices('stale'), excluded(), 12_000);
  status.look(prices('normal'), excluded(), 13_000);
  const names = 'coin0, coin1, coin2, coin3, coin4, coin5, coin6, coin7, coin8, coin9 and 2 more';
  expect(lines).toEqual([`warn prices turned 12 stale (${names})`, `info prices turned 12 good (${names})`]);
});

test('what comes and goes within ten seconds of a line is not said', () => {
  status.look(prices('degraded', 1), excluded(), 0);
  for (let second = 1; second < 9; second++) {
    status.look(prices(second % 2 === 0 ? 'degraded' : 'normal', 1), excluded(), 1_000 * second);
  }
  status.look(prices('degraded', 1), excluded(), 10_000);
  expect(lines).toEqual(['info prices turned 1 degraded (coin0)']);
});

test('a source of which many quotes are excluded is said, and when none is any more', () => {
  for (const [second, quotes] of [2, 3, 40, 1, 0, 0].entries()) status.look([], excluded(quotes), 11_000 * second);
  expect(lines).toEqual([
    'warn 3 quotes of okx are excluded: too far from the others',
    'info no quote of okx is excluded any more',
  ]);
});

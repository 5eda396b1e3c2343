import { OutageLines } from './outage-lines.js';
import { RareLines } from './rare-lines.js';
import { isSampled } from './tracing.js';

let lines: unknown[] = [];
const log = {
  info: (fields: object, message: string) => void lines.push([message, fields]),
  warn: (fields: object, message: string) => void lines.push([message, fields]),
};
beforeEach(() => (lines = []));

test('a storm of one kind is a line every ten seconds, with how many were left out; other kinds are said', () => {
  let now = 0;
  const rare = new RareLines(log, () => now);
  for (; now < 20_000; now += 10) rare.warn('dropped', {}, 'dropped');
  rare.warn('gap', {}, 'gap');
  expect(lines).toEqual([
    ['dropped', {}],
    ['dropped', { unsaid: 999 }],
    ['gap', {}],
  ]);
});

test('an outage is two lines, however many connections notice it', () => {
  jest.useFakeTimers();
  let healthy = false;
  const outage = new OutageLines(
    log,
    () => healthy,
    () => Date.now(),
  );
  outage.report('writer', 'connection closed');
  for (let reader = 0; reader < 12; reader++) outage.report(`reader ${reader}`, 'connection closed');
  jest.advanceTimersByTime(5_000);
  healthy = true;
  jest.advanceTimersByTime(5_000);
  jest.useRealTimers();
  expect(lines).toEqual([
    ['the connection to Redis is lost: connection closed', { connection: 'writer', error: 'connection closed' }],
    ['Redis is back', { outageMs: 5_500, connections: 13 }],
  ]);
});

test.each([
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', true],
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00', false],
  ['cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-of-the-future', true],
  ['ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', undefined],
  ['00-00000000000000000000000000000000-00f067aa0ba902b7-01', undefined],
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01', undefined],
  ['anything', undefined],
])('traceparent %s: traced %s', (traceparent, expected) => {
  expect(isSampled(traceparent)).toBe(expected);
});

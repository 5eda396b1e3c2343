import type { ChartView, HauntClient } from '@haunt/client';
import { ChartFeed, waitFor } from './chart.js';
import type { Row } from './candles.js';

const MINUTE = 60;
const START = 1_795_000_200;
const price = (seconds: number, value: number) => ({
  timestamp: seconds * 1000,
  price: value,
  status: 'normal' as const,
});
const view = (closes: number[], over: Partial<ChartView> = {}): ChartView => ({
  symbol: 'btc',
  range: '1h',
  seeding: false,
  seedingStatus: 'complete',
  seedingProgress: 100,
  dataCompleteness: 100,
  expectedPoints: 60,
  gaps: [],
  data: closes.map((close, i) => ({ time: START + i * MINUTE, open: 1, high: 9, low: 1, close, volume: 5 })),
  ...over,
});

interface Asked {
  readonly answer: (view: ChartView) => Promise<void>;
  readonly fail: (error: Error) => Promise<void>;
  readonly signal: AbortSignal;
}

let asked: Asked[];
let drawn: { row: Row; fit: boolean }[];
let updated: number[][];
let looks: (() => void)[];
let feed: ChartFeed;
const page = { visibilityState: 'visible' };

beforeEach(() => {
  jest.useFakeTimers({ now: (START + 30) * 1000 });
  asked = [];
  drawn = [];
  updated = [];
  looks = [];
  page.visibilityState = 'visible';
  Object.assign(globalThis, {
    document: Object.assign(page, {
      addEventListener: (_name: string, listener: () => void) => looks.push(listener),
      removeEventListener: () => looks.pop(),
    }),
  });
  const chart = (_id: unknown, _range: unknown, options?: { signal?: AbortSignal }) =>
    new Promise((resolve, reject) => {
      const settled = (): Promise<void> => jest.advanceTimersByTimeAsync(0);
      asked.push({
        signal: options!.signal!,
        answer: (data) => (resolve({ data, meta: { cached: false } }), settled()),
        fail: (error) => (reject(error), settled()),
      });
    });
  feed = new ChartFeed({ chart } as unknown as HauntClient['rest'], 'btc', '1h');
  feed.start({ draw: (row, fit) => drawn.push({ row, fit }), update: (changed) => updated.push([...changed]) });
});

afterEach(() => {
  feed.end();
  jest.useRealTimers();
  Reflect.deleteProperty(globalThis, 'document');
});

it('draws an answer once and from then on what changed', async () => {
  await asked[0]!.answer(view([2, 3]));
  expect(drawn).toMatchObject([{ fit: true }]);
  feed.take(price(START + 61, 7));
  expect(updated).toEqual([[1]]);
  feed.take(price(START + 3 * MINUTE, 8));
  // The place between is empty, and is drawn as that.
  expect(updated[1]).toEqual([2, 3]);
  expect(drawn[0]!.row.places.map((bar) => bar?.close)).toEqual([2, 7, undefined, 8]);
});

it('goes on folding into the row that is drawn after an answer that changes little', async () => {
  await asked[0]!.answer(view([2, 3]));
  await jest.advanceTimersByTimeAsync(5_000);
  await asked[1]!.answer(view([2, 4]));
  expect(drawn).toHaveLength(1);
  expect(updated).toEqual([[1]]);
  feed.take(price(START + 70, 6));
  expect(drawn[0]!.row.places.map((bar) => bar?.close)).toEqual([2, 6]);
});

it('keeps what came while the question was under way', async () => {
  await asked[0]!.answer(view([2, 3]));
  await jest.advanceTimersByTimeAsync(5_000);
  feed.take(price(START + 65, 8));
  await asked[1]!.answer(view([2, 3]));
  expect(feed.row?.places[1]?.close).toBe(8);
});

it('asks again when seeding ends, and shows its progress until then', async () => {
  await asked[0]!.answer(view([], { seeding: true, seedingStatus: 'in_progress', seedingProgress: 10 }));
  feed.hear({ symbol: 'btc', status: 'seeding', progress: 55, message: 'half' });
  expect(feed.facts.value).toMatchObject({ seedingProgress: 55, message: 'half', seeding: true });
  expect(asked).toHaveLength(1);
  feed.hear({ symbol: 'btc', status: 'seeded', progress: 100, message: '' });
  expect(asked).toHaveLength(2);
  await asked[1]!.answer(view([2, 3]));
  expect(feed.facts.value).toMatchObject({ seedingStatus: 'complete', points: 2 });
});

it('asks nothing while nobody looks, and at once when somebody does again', async () => {
  page.visibilityState = 'hidden';
  await asked[0]!.answer(view([2]));
  await jest.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(1);
  page.visibilityState = 'visible';
  for (const look of looks) look();
  expect(asked).toHaveLength(2);
});

it('says why there is no answer, keeps what is drawn and tries again', async () => {
  await asked[0]!.answer(view([2]));
  await jest.advanceTimersByTimeAsync(5_000);
  await asked[1]!.fail(new Error('gone'));
  expect(feed.problem.value).toBe('gone');
  expect(feed.row?.places).toHaveLength(1);
  await jest.advanceTimersByTimeAsync(5_000);
  await asked[2]!.answer(view([2]));
  expect(feed.problem.value).toBeUndefined();
});

it('takes no answer to a question that was given up', async () => {
  feed.refresh();
  expect(asked[0]!.signal.aborted).toBe(true);
  await asked[0]!.answer(view([2]));
  expect(drawn).toEqual([]);
  feed.end();
  await asked[1]!.answer(view([2]));
  expect(drawn).toEqual([]);
});

it('is asked again soon after a bucket ends, and often while history arrives', () => {
  const border = START * 1000;
  expect(waitFor('1h', false, border)).toBe(5_000);
  expect(waitFor('1h', false, border - 1_000)).toBe(1_600);
  expect(waitFor('1w', false, border)).toBe(20_000);
  expect(waitFor('1w', true, border)).toBe(3_000);
});

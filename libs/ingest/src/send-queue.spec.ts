import { SendQueue } from './send-queue.js';

interface Sent {
  readonly at: number;
  readonly item: string;
}

describe('send queue', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const record = (count: number, windowMs: number): { sent: Sent[]; queue: SendQueue<string> } => {
    const sent: Sent[] = [];
    return {
      sent,
      queue: new SendQueue<string>({ count, windowMs }, (item) => sent.push({ at: performance.now(), item })),
    };
  };

  /** The most events that any window of the venue would count. */
  const busiest = (sent: readonly Sent[], windowMs: number): number => {
    return Math.max(...sent.map(({ at }) => sent.filter((other) => other.at >= at && other.at < at + windowMs).length));
  };

  it('never exceeds the rule in any window, and delivers everything in order', () => {
    const { sent, queue } = record(5, 1_000);
    const items = Array.from({ length: 40 }, (_, i) => String(i));
    for (const item of items) queue.push(item);
    jest.advanceTimersByTime(60_000);
    expect(sent.map(({ item }) => item)).toEqual(items);
    expect(busiest(sent, 1_050)).toBeLessThanOrEqual(5);
    expect(queue.waiting).toBe(0);
  });

  it('lets an answer to a ping overtake a long subscription', () => {
    const { sent, queue } = record(5, 1_000);
    for (let i = 0; i < 40; i++) queue.push(String(i));
    queue.push('pong', true);
    expect(sent.at(-1)?.item).toBe('pong');
    expect(busiest(sent, 1_000)).toBeLessThanOrEqual(5);
  });

  it('keeps only the latest of a flood of urgent items', () => {
    const { sent, queue } = record(1, 1_000);
    queue.push('first');
    for (let i = 0; i < 1_000; i++) queue.push(String(i), true);
    jest.advanceTimersByTime(200_000);
    expect(sent).toHaveLength(65);
    expect(sent.at(-1)?.item).toBe('999');
  });

  it('takes back what has not left, and sends nothing after its end', () => {
    const { sent, queue } = record(1, 1_000);
    for (const item of ['a', 'b', 'c', 'd']) queue.push(item);
    queue.remove('b');
    jest.advanceTimersByTime(1_500);
    queue.close();
    queue.push('e');
    jest.advanceTimersByTime(10_000);
    expect(sent.map(({ item }) => item)).toEqual(['a', 'c']);
  });
});

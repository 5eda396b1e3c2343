import type { MergedMovers } from '../movers-board.js';
import type { Frame } from './frames.js';
import { MoversFeed } from './movers-feed.js';
import { LiveClient, type Wire } from './roster.js';

const wire: Wire = { format: 'ws', write: () => undefined, backlog: () => 0, close: () => undefined };

describe('the feed of movers', () => {
  let latest: MergedMovers | undefined;
  let sent: string[];
  let feed: MoversFeed;
  const show = (...symbols: string[]): void => {
    const gainers = symbols.map((symbol, i) => ({ symbol, price: 1, changePercent: 50 - i }));
    latest = { gainers, losers: [], at: 0 };
    feed.hear('1h');
  };
  beforeEach(() => {
    jest.useFakeTimers();
    sent = [];
    latest = undefined;
    const post = (client: LiveClient, { text }: Frame): boolean => {
      if (client.behindSince !== undefined) return false;
      const { data } = JSON.parse(text) as { data: MergedMovers };
      sent.push(data.gainers.map(({ symbol }) => symbol).join(''));
      return true;
    };
    feed = new MoversFeed({ post, settle: () => undefined }, () => latest);
  });
  afterEach(() => {
    feed.close();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('keeps its pace, and the last change of a second always comes', () => {
    feed.subscribe(new LiveClient(wire), '1h', 10);
    for (const symbol of ['A', 'B', 'C']) show(symbol, 'X');
    expect(sent).toEqual(['AX']);
    jest.advanceTimersByTime(999);
    expect(sent).toEqual(['AX']);
    jest.advanceTimersByTime(1);
    expect(sent).toEqual(['AX', 'CX']);
    show('D');
    show('C', 'X');
    jest.advanceTimersByTime(5_000);
    // It came back to where it was: nobody need be told.
    expect(sent).toEqual(['AX', 'CX']);
    show('X');
    expect(sent).toEqual(['AX', 'CX', 'X']);
  });

  it('gives a client that reads again what it missed, also between two beats', () => {
    const slow = new LiveClient(wire);
    feed.subscribe(slow, '1h', 10);
    feed.subscribe(new LiveClient(wire), '1h', 10);
    show('A');
    slow.behindSince = 5;
    jest.advanceTimersByTime(1_000);
    show('B');
    feed.caughtUp(slow);
    expect(sent).toEqual(['A', 'A', 'B']);
    slow.behindSince = undefined;
    feed.caughtUp(slow);
    feed.caughtUp(slow);
    expect(sent).toEqual(['A', 'A', 'B', 'B']);
  });

  it('tells nobody who has left', () => {
    const client = new LiveClient(wire);
    feed.subscribe(client, '1h', 10);
    feed.subscribe(client, '4h', 10);
    feed.leave(client);
    show('A');
    expect(sent).toEqual([]);
  });
});

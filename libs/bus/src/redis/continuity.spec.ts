import { judge, NO_STREAM, type Standing, type StreamState } from './continuity.js';

const at = (position: string, ordinal?: number, real = true): Standing => ({ position, real, ordinal });

/** A stream of entries 1-0, 2-0 … of which the first `trimmed` are gone. */
function stream(added: number, trimmed: number): StreamState {
  const length = added - trimmed;
  return { length, lastId: `${added}-0`, firstId: length === 0 ? undefined : `${trimmed + 1}-0`, added };
}

describe('judge', () => {
  it.each<[string, Standing, StreamState, boolean, string]>([
    ['everything is there', at('3-0', 3), stream(9, 0), false, '3-0'],
    ['only what was read is trimmed', at('3-0', 3), stream(9, 3), false, '3-0'],
    ['one unread entry is trimmed', at('3-0', 3), stream(9, 4), true, '3-0'],
    ['all is trimmed, all was read', at('9-0', 9), stream(9, 9), false, '9-0'],
    ['all is trimmed, some was unread', at('3-0', 3), stream(9, 9), true, '9-0'],
    ['Redis came back empty', at('3-0', 3), NO_STREAM, true, '0-0'],
    [
      'Redis came back empty and was filled again',
      at('3-0', 3),
      { ...stream(2, 0), firstId: '8-0', lastId: '9-0' },
      true,
      '3-0',
    ],
    ['an older copy of the stream came back', at('9-0', 9), stream(7, 0), true, '7-0'],
    ['nobody has written yet', at('0-0', 0, false), NO_STREAM, false, '0-0'],
    ['it began before the first entry, which is trimmed', at('0-0', 0, false), stream(9, 1), true, '0-0'],
    ['it reads what there is, from the start', at('0-0', undefined, false), stream(9, 4), false, '0-0'],
    ['a checkpoint whose entry is there', at('5-0'), stream(9, 4), false, '5-0'],
    ['a checkpoint at the only trimmed entry', at('1-0'), stream(9, 1), false, '1-0'],
    ['a checkpoint that was trimmed, with others perhaps', at('3-0'), stream(9, 5), true, '3-0'],
    ['a checkpoint at the end', at('9-0'), stream(9, 4), false, '9-0'],
    ['a point in time before what was trimmed', at('2-5', undefined, false), stream(9, 5), true, '2-5'],
    ['a point in time within the stream', at('6-5', undefined, false), stream(9, 5), false, '6-5'],
    ['a point in time to come', at('99-0', undefined, false), stream(9, 5), false, '99-0'],
  ])('when %s', (_what, standing, state, gap, position) => {
    const verdict = judge(standing, state);
    expect([verdict.gap, verdict.standing.position]).toEqual([gap, position]);
    // What was reported once is not reported again.
    expect(judge(verdict.standing, state).gap).toBe(false);
  });
});

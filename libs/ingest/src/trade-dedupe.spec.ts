import { RecentIds } from './trade-dedupe.js';

describe('recent ids', () => {
  it('knows every one of the last ids, and nothing older', () => {
    const recent = new RecentIds(4);
    for (const id of ['1', '2', '3', '4', '5']) expect(recent.add(id)).toBe(true);
    for (const id of ['2', '3', '4', '5']) expect(recent.add(id)).toBe(false);
    expect(recent.add('1')).toBe(true);
    expect(recent.add('2')).toBe(true);
  });

  it('lets late trades through: order does not matter, identity does', () => {
    const recent = new RecentIds();
    expect(['9', '7', '8', '7', '9', '10'].map((id) => recent.add(id))).toEqual([true, true, true, false, false, true]);
  });

  it('tells ids apart that are equal as numbers', () => {
    const recent = new RecentIds();
    expect(recent.add('9007199254740993')).toBe(true);
    expect(recent.add('9007199254740992')).toBe(true);
  });

  it('does not grow', () => {
    const recent = new RecentIds(512);
    for (let i = 0; i < 100_000; i++) recent.add(String(i));
    expect(recent.size).toBe(512);
  });
});

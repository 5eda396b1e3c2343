import { seedOf, unit } from './noise.js';

/** Frames no venue sends; every one is refused by a careful reader for another reason. */
const GARBAGE: readonly string[] = [
  '{"type":"match","price":"12',
  '<html><body>502 Bad Gateway</body></html>',
  '[]',
  'null',
  '{}',
  '',
  '{"stream":42,"data":"?","arg":null,"ch":{},"type":7,"topic":[]}',
  '\u0000\u0001\u0002\ufffd',
  '{"price":NaN}',
  '"pong',
];

export function garbage(counter: number): string {
  return GARBAGE[counter % GARBAGE.length] ?? '';
}

const EMPTIES = ['null', '""', '"NaN"'];

/** Of all numbers in a JSON text, quoted or not, that share replaced by null, "" or "NaN"; the same for the same text. */
export function withNulls(json: string, share: number): string {
  const seed = seedOf(json);
  let counter = 0;
  return json.replace(/([:[,]\s*)(?:"-?\d[\d.]*"|-?\d[\d.eE+-]*)(?=[,\]}])/g, (whole, before: string) => {
    const luck = unit(seed, counter++);
    return luck < share ? before + (EMPTIES[Math.floor((luck / share) * EMPTIES.length)] ?? 'null') : whole;
  });
}

/** The same shape, every number in it 0. */
export function zeroed(json: string): string {
  return json.replace(/([:[,]\s*)(?:"-?\d[\d.]*"|-?\d[\d.eE+-]*)(?=[,\]}])/g, '$10');
}

/** What venues wrap their lists and tables in. */
const WRAPPERS = [
  'data',
  'result',
  'list',
  'error',
  'symbols',
  'RAW',
  'DISPLAY',
  'prices',
  'market_caps',
  'total_volumes',
];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same shape with nothing in its lists and tables. */
export function emptied(json: string): string {
  const body: unknown = JSON.parse(json);
  if (Array.isArray(body)) return '[]';
  if (!isObject(body)) return json;
  const entries = Object.entries(body);
  const wrapped = ([key, value]: [string, unknown]): boolean =>
    WRAPPERS.includes(key) || key === 'Data' || typeof value !== 'object';
  if (!entries.some(wrapped)) return '{}';
  const kept = entries.map(([key, value]) => {
    // CryptoCompare's history: a table of facts about a list, or the list itself.
    if (key === 'Data') return [key, JSON.parse(emptied(JSON.stringify(value)))];
    if (!WRAPPERS.includes(key)) return [key, value];
    // Bybit's lists lie in a wrapper within a wrapper.
    if (isObject(value) && 'list' in value) return [key, JSON.parse(emptied(JSON.stringify(value)))];
    return [key, Array.isArray(value) ? [] : isObject(value) ? {} : value];
  });
  return JSON.stringify(Object.fromEntries(kept));
}

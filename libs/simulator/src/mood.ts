import { Octave, seedOf } from './noise.js';
import { DAY_MS } from './tape.js';
import { json, type VenueAnswer } from './venue.js';

/** The upper ends of what each value is called. */
const MOODS: readonly (readonly [number, string])[] = [
  [24, 'Extreme Fear'],
  [46, 'Fear'],
  [54, 'Neutral'],
  [75, 'Greed'],
  [100, 'Extreme Greed'],
];
const DAYS_MAX = 365;

/** The fear and greed index, one value a day, newest first: https://alternative.me/crypto/fear-and-greed-index/#api */
export function moodAnswer(seed: number, now: number, query: URLSearchParams): VenueAnswer {
  const octave = new Octave(seedOf(`${seed}/mood`), 5 * DAY_MS);
  const count = Math.min(DAYS_MAX, Math.max(1, Number(query.get('limit') ?? 1) || DAYS_MAX));
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const data = Array.from({ length: count }, (_, day) => {
    const time = today - day * DAY_MS;
    const value = Math.round(50 + 45 * Math.max(-1, Math.min(1, octave.at(time))));
    return {
      value: String(value),
      value_classification: MOODS.find(([end]) => value <= end)?.[1] ?? 'Neutral',
      timestamp: String(time / 1000),
      ...(day === 0 && { time_until_update: String(Math.floor((today + DAY_MS - now) / 1000)) }),
    };
  });
  return json({ name: 'Fear and Greed Index', data, metadata: { error: null } });
}

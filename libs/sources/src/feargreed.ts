import { type Mood, MOODS } from '@haunt/domain';
import { decimal } from './decimal.js';
import { arrayField, epochMs, isObject, type JsonObject, objectField, positive, shown } from './fields.js';
import type { MoodSource } from './listing-source.js';
import { VenueFrameError } from './source.js';

/** The fear and greed index of alternative.me: one value a day, yesterday's beside it. */
export const fearGreed: MoodSource = {
  name: 'alternative.me',
  addresses: { rest: 'https://api.alternative.me' },
  documentation: 'https://alternative.me/crypto/fear-and-greed-index/#api',
  everyMs: 60 * 60_000,
  request: { method: 'GET', path: '/fng/?limit=2' },

  parse(body) {
    const { data, metadata } = objectField(body, 'the answer');
    const error = isObject(metadata) ? metadata['error'] : undefined;
    if (error !== undefined && error !== null) throw new VenueFrameError(`alternative.me answered ${shown(error)}`);
    const [today, yesterday] = arrayField(data, 'data');
    const day = objectField(today, 'the first day');
    const previous = isObject(yesterday) ? decimal(yesterday['value']) : undefined;
    return {
      value: valueOf(day),
      classification: moodOf(day),
      time: epochMs(positive(day['timestamp'], 'timestamp') * 1000, 'timestamp'),
      ...(isValue(previous) && { previous }),
    };
  },
};

function valueOf(day: JsonObject): number {
  const value = decimal(day['value']);
  if (isValue(value)) return value;
  throw new VenueFrameError(`value is ${shown(day['value'])}, expected a whole number from 0 to 100`);
}

function isValue(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= 100;
}

function moodOf(day: JsonObject): Mood {
  const text = day['value_classification'];
  const mood = MOODS.find((known) => known === text);
  if (mood !== undefined) return mood;
  throw new VenueFrameError(`value_classification is ${shown(text)}, expected one of ${MOODS.join(', ')}`);
}

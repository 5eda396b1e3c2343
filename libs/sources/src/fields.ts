import { decimal } from './decimal.js';
import { VenueFrameError } from './source.js';

/** A parsed JSON object of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A bare integer of 16 digits or more begins here: `JSON.parse` would round it. */
const BIG_INTEGER = /[:,[]\s*-?\d{16}/;

/** A whole JSON string, or a bare integer of 16 digits or more (never a part of a fraction or an exponent). */
const STRING_OR_BIG_INTEGER = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/**
 * Parses a frame. Integers of 16 digits or more come out as strings, digit for digit, because some venues count trades
 * and nanoseconds beyond 2^53.
 * @throws VenueFrameError when it is not JSON.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(
      BIG_INTEGER.test(text)
        ? text.replace(STRING_OR_BIG_INTEGER, (token) => (token.startsWith('"') ? token : `"${token}"`))
        : text,
    );
  } catch {
    throw new VenueFrameError(`not JSON: ${shown(text)}`);
  }
}

/**
 * A frame's object; undefined for `null`, which says nothing.
 * @throws VenueFrameError when it is not JSON, or anything but an object.
 */
export function parseObject(text: string): JsonObject | undefined {
  const value = parseJson(text);
  if (isObject(value)) return value;
  if (value === null) return undefined;
  throw new VenueFrameError(`expected a JSON object, got ${shown(value)}`);
}

/** @throws VenueFrameError */
export function objectField(value: unknown, field: string): JsonObject {
  if (isObject(value)) return value;
  throw new VenueFrameError(`${field} is ${shown(value)}, expected an object`);
}

/** @throws VenueFrameError */
export function arrayField(value: unknown, field: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new VenueFrameError(`${field} is ${shown(value)}, expected an array`);
}

/** A text that is not empty. @throws VenueFrameError */
export function textField(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new VenueFrameError(`${field} is ${shown(value)}, expected a text`);
}

/** A finite number above 0, from a number or its decimal text. @throws VenueFrameError */
export function positive(value: unknown, field: string): number {
  const number = decimal(value);
  if (number !== undefined && number > 0) return number;
  throw new VenueFrameError(`${field} is ${shown(value)}, expected a number above 0`);
}

/**
 * As `positive`, for a field that venues leave empty when there is nothing to say: undefined for an absent one, `null`,
 * an empty text and 0.
 * @throws VenueFrameError for anything else that is not a finite number above 0.
 */
export function positiveIfAny(value: unknown, field: string): number | undefined {
  if (value === undefined || value === null || value === '' || decimal(value) === 0) return undefined;
  return positive(value, field);
}

/** As `positiveIfAny`, but 0 is an answer (nothing was traded). @throws VenueFrameError */
export function amountIfAny(value: unknown, field: string): number | undefined {
  return decimal(value) === 0 ? 0 : positiveIfAny(value, field);
}

/** A trade id as text, digit for digit. @throws VenueFrameError */
export function idField(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return String(value);
  throw new VenueFrameError(`${field} is ${shown(value)}, expected an id`);
}

/** A code that venues send as a number or as text; empty when there is none. */
export function codeText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

const DIGITS = /^\d+$/;

/**
 * A Unix time as epoch ms, from milliseconds (13 digits), microseconds (16) or nanoseconds (19), as a number or as text.
 * Fractions of a millisecond survive. Any other magnitude is an error: seconds read as milliseconds would look like 1970.
 * @throws VenueFrameError
 */
export function epochMs(value: unknown, field: string): number {
  if (typeof value === 'number') {
    if (value >= 1e12 && value < 1e13) return value;
    if (value >= 1e15 && value < 1e16) return value / 1e3;
  } else if (typeof value === 'string' && value.charCodeAt(0) !== 48 && DIGITS.test(value)) {
    if (value.length === 13) return Number(value);
    if (value.length === 16) return Number(value) / 1e3;
    // Split, because a number of 19 digits has lost the last two before it is divided.
    if (value.length === 19) return Number(value.slice(0, 13)) + Number(value.slice(13)) / 1e6;
  }
  throw new VenueFrameError(`${field} is ${shown(value)}, expected a time in ms, µs or ns since 1970`);
}

/** `YYYY-MM-DDTHH:MM:SS`; then a fraction or nothing, then `Z`. */
const SECONDS_END = 19;
const MOST_FRACTION_DIGITS = 9;

/** The number written in these places; NaN when one of them is no digit. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    number = number * 10 + digit;
  }
  return number;
}

/** NaN for anything but a UTC time that exists. By position: a regular expression made it a fifth of what a frame costs. */
function parseIso(text: string): number {
  const end = text.length - 1;
  const fractionDigits = end === SECONDS_END ? 0 : end - SECONDS_END - 1;
  const hasShape =
    text[4] === '-' && text[7] === '-' && text[10] === 'T' && text[13] === ':' && text[16] === ':' && text[end] === 'Z';
  if (!hasShape || fractionDigits > MOST_FRACTION_DIGITS) return NaN;
  if (end !== SECONDS_END && (fractionDigits < 1 || text[SECONDS_END] !== '.')) return NaN;
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, SECONDS_END)];
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 23 && minute <= 59 && second <= 59)) return NaN;
  const whole = Date.UTC(digits(text, 0, 4), month - 1, day, hour, minute, second);
  // Date.UTC rolls 31 February over into March: such a day does not come out again.
  if (day > 28 && new Date(whole).getUTCDate() !== day) return NaN;
  return fractionDigits === 0 ? whole : whole + digits(text, SECONDS_END + 1, end) / 10 ** (fractionDigits - 3);
}

/**
 * An ISO 8601 time in UTC as epoch ms. `Date.parse` cuts it to whole milliseconds; two trades within one then change
 * places.
 * @throws VenueFrameError
 */
export function isoMs(value: unknown, field: string): number {
  const time = typeof value === 'string' ? parseIso(value) : NaN;
  if (time >= 1e12 && time < 1e13) return time;
  throw new VenueFrameError(`${field} is ${shown(value)}, expected an ISO 8601 time in UTC since 2001`);
}

const SHOWN_CHARACTERS = 80;

/** A value for an error message: short, whatever a venue sends. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value);
  }
  if (value === undefined) return 'missing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}

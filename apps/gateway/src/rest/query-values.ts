import { ProblemError } from './problem.js';

/** A query string as it was parsed: a name that is there twice has a list. */
export type Query = Readonly<Record<string, unknown>>;

/** The text of a parameter; undefined when it is absent or empty. @throws ProblemError 400 when it is there more than once. */
export function textOf(query: Query, name: string): string | undefined {
  const value = query[name];
  const bracketed = query[`${name}[]`];
  if (bracketed !== undefined) throw invalid(name, `given as ${name}=…, without brackets`, bracketed);
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value.trim();
  throw invalid(name, 'given once', value);
}

/** @throws ProblemError 400 for anything but a whole number within the bounds. */
export function integerOf(query: Query, name: string, from: number, to: number, fallback: number): number {
  const text = textOf(query, name);
  if (text === undefined) return fallback;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  const range = to === Number.MAX_SAFE_INTEGER ? `${from} or more` : `${from} to ${to}`;
  throw invalid(name, `a whole number, ${range} (default ${fallback})`, text);
}

/** Undefined when it is absent. @throws ProblemError 400 for anything but a number. */
export function numberOf(query: Query, name: string): number | undefined {
  const text = textOf(query, name);
  if (text === undefined) return undefined;
  if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) return Number(text);
  throw invalid(name, 'a number, such as -2.5', text);
}

/**
 * One of `allowed`, in any case, with or without underscores. @throws ProblemError 400 that lists them.
 */
export function choiceOf<C extends string>(query: Query, name: string, allowed: readonly C[]): C | undefined {
  const text = textOf(query, name);
  if (text === undefined) return undefined;
  const choice = allowed.find((each) => bare(each) === bare(text));
  if (choice !== undefined) return choice;
  throw invalid(name, `one of ${allowed.join(', ')}`, text);
}

const bare = (text: string): string => text.toLowerCase().replaceAll('_', '');

export function invalid(name: string, allowed: string, given: unknown): ProblemError {
  const shown = JSON.stringify(typeof given === 'string' && given.length > 40 ? `${given.slice(0, 40)}…` : given);
  return new ProblemError(400, `invalid_${name}`, `${name} must be ${allowed}; it is ${shown}`);
}

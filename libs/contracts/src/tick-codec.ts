import { isSourceId, type Tick, type TickBatch, type Ticker } from '@haunt/domain';

/** [symbol, quote, price, size, time, id] */
type TickRow = readonly [string, string, number, number, number, string];
/** [symbol, quote, price, time, open24h | null, volume24h | null] */
type TickerRow = readonly [string, string, number, number, number | null, number | null];

/** An entry of the tick log that does not say what a batch of ticks says. */
export class TickBatchError extends Error {
  override readonly name = 'TickBatchError';
}

/**
 * One JSON array `[source, receivedAt, ticks, tickers, writer, seq]` (the last two may be absent), each tick and ticker a row without names. JSON prints a double
 * in the shortest form that reads back to the same bits; ids are strings, so those above 2^53 survive.
 */
export function encodeTickBatch(batch: TickBatch): string {
  const ticks: TickRow[] = batch.ticks.map((t) => [t.symbol, t.quote, t.price, t.size, t.time, t.id]);
  const tickers: TickerRow[] = batch.tickers.map((t) => [
    t.symbol,
    t.quote,
    t.price,
    t.time,
    t.open24h ?? null,
    t.volume24h ?? null,
  ]);
  const { origin } = batch;
  const row: unknown[] = [batch.source, batch.receivedAt, ticks, tickers];
  if (origin) row.push(origin.writer, origin.seq);
  return JSON.stringify(row);
}

/** @throws TickBatchError naming what is wrong and where; nothing half-read is returned. */
export function decodeTickBatch(text: string): TickBatch {
  const value = parse(text);
  if (!Array.isArray(value) || (value.length !== 4 && value.length !== 6)) {
    throw fault('not [source, receivedAt, ticks, tickers, writer, seq]', text);
  }
  const [source, receivedAt, ticks, tickers, writer, seq] = value as unknown[];
  if (typeof source !== 'string' || !isSourceId(source)) throw fault(`unknown source ${JSON.stringify(source)}`, text);
  if (!isFiniteNumber(receivedAt)) throw fault('receivedAt is not a finite number', text);
  if (!Array.isArray(ticks) || !Array.isArray(tickers)) throw fault('ticks or tickers is not a list', text);
  const batch = { source, receivedAt, ticks: ticks.map(toTick), tickers: tickers.map(toTicker) };
  if (value.length === 4) return batch;
  if (typeof writer !== 'string' || !isFiniteNumber(seq)) throw fault('writer is not text or seq not a number', text);
  return { ...batch, origin: { writer, seq } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fault('not JSON', text);
  }
}

function toTick(row: unknown, index: number): Tick {
  if (!Array.isArray(row) || row.length !== 6) throw fault(`tick ${index} is not a row of 6`, row);
  const [symbol, quote, price, size, time, id] = row as unknown[];
  if (typeof symbol !== 'string' || typeof quote !== 'string' || typeof id !== 'string') {
    throw fault(`tick ${index}: symbol, quote and id must be strings`, row);
  }
  if (!isFiniteNumber(price) || !isFiniteNumber(size) || !isFiniteNumber(time)) {
    throw fault(`tick ${index}: price, size and time must be finite numbers`, row);
  }
  return { symbol, quote, price, size, time, id };
}

function toTicker(row: unknown, index: number): Ticker {
  if (!Array.isArray(row) || row.length !== 6) throw fault(`ticker ${index} is not a row of 6`, row);
  const [symbol, quote, price, time, open24h, volume24h] = row as unknown[];
  if (typeof symbol !== 'string' || typeof quote !== 'string') {
    throw fault(`ticker ${index}: symbol and quote must be strings`, row);
  }
  if (!isFiniteNumber(price) || !isFiniteNumber(time) || !isFiniteOrNull(open24h) || !isFiniteOrNull(volume24h)) {
    throw fault(`ticker ${index}: price, time, open24h and volume24h must be finite numbers`, row);
  }
  return {
    symbol,
    quote,
    price,
    time,
    ...(open24h === null ? undefined : { open24h }),
    ...(volume24h === null ? undefined : { volume24h }),
  };
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isFiniteOrNull(value: unknown): value is number | null {
  return value === null || isFiniteNumber(value);
}

function fault(what: string, sample: unknown): TickBatchError {
  const text = typeof sample === 'string' ? sample : JSON.stringify(sample);
  return new TickBatchError(`not a tick batch: ${what}; got ${text.slice(0, 120)}`);
}

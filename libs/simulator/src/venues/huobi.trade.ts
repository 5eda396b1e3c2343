import { unit } from '../noise.js';
import { javaDouble } from '../spelling.js';
import type { Trade } from '../tape.js';

/** Number of a push, and the `tradeId` of its trade. */
export function tickId({ id }: Trade): number {
  return 100_000_000_000 + id;
}

/** One trade as pushes and answers spell it; the long id exceeds 2^53 and is a number on the wire. */
export function huobiTrade(trade: Trade): string {
  const tail = String(Math.floor(unit(trade.pair.seed, trade.id) * 1e12)).padStart(12, '0');
  return (
    `{"id":${tickId(trade)}255${tail},"ts":${Math.floor(trade.time)},"tradeId":${tickId(trade)},` +
    `"amount":${javaDouble(trade.size)},"price":${javaDouble(trade.price)},"direction":"${trade.takerBuys ? 'buy' : 'sell'}"}`
  );
}

/** A push of trade.detail: newest first. */
export function huobiPush(trades: readonly Trade[]): string {
  const last = trades.at(-1);
  if (last === undefined) return '{}';
  const ts = Math.floor(last.time);
  return (
    `{"ch":"market.${last.pair.id}.trade.detail","ts":${ts + 2},"tick":{"id":${tickId(last)},"ts":${ts},` +
    `"data":[${trades.map(huobiTrade).reverse().join(',')}]}}`
  );
}

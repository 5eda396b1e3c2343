import { unit } from '../noise.js';
import { nanos, trimmed } from '../spelling.js';
import type { Trade } from '../tape.js';

/** Times are nanoseconds as text. */
export function kucoinMatch(trade: Trade): string {
  const { pair, id, takerBuys } = trade;
  return (
    `{"topic":"/market/match:${pair.id}","type":"message","subject":"trade.l3match","data":{"makerOrderId":"${objectId(trade, 1)}",` +
    `"price":"${trimmed(trade.priceText)}","sequence":"${id * 3}","side":"${takerBuys ? 'buy' : 'sell'}","size":"${trimmed(trade.sizeText)}",` +
    `"symbol":"${pair.id}","takerOrderId":"${objectId(trade, 2)}","time":"${nanos(trade.time)}","tradeId":"${tradeId(trade)}","type":"match"}}`
  );
}

/** 24 hexadecimal digits, the last ones the trade's number: unique in the pair. */
export function tradeId({ pair, id }: Trade): string {
  return pair.seed.toString(16).padStart(8, '0') + id.toString(16).padStart(16, '0');
}

function objectId({ pair, id, time }: Trade, salt: number): string {
  const luck = Math.floor(unit(pair.seed ^ salt, id) * 2 ** 32);
  return (
    Math.floor(time / 1000)
      .toString(16)
      .padStart(8, '0') + luck.toString(16).padStart(16, '0')
  );
}

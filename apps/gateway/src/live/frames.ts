import type { LiveError, LiveErrorCode, LivePrice } from '@haunt/contracts';

/** How a client is spoken to: JSON text with a `type` (`/ws`), or Socket.IO events. */
export type Format = 'ws' | 'io';

/** One message, encoded once for everybody who gets it. */
export interface Frame {
  /** The WebSocket frame, header and all, as it goes on the wire. */
  readonly bytes: Buffer;
  /** The message alone: for `io` a Socket.IO packet, which a polling transport wraps in its own way. */
  readonly text: string;
}

const FINAL_TEXT = 0x81;

/** A server's WebSocket text frame (RFC 6455, 5.2): unfragmented, unmasked, uncompressed. */
function webSocketFrame(payload: string): Buffer {
  const length = Buffer.byteLength(payload);
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = FINAL_TEXT;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(payload, header);
  return frame;
}

/** A Socket.IO packet (type EVENT, default namespace) inside an Engine.IO message, protocol 4. */
function event(name: string, json: string): Frame {
  const text = `2["${name}",${json}]`;
  return { text, bytes: webSocketFrame(`4${text}`) };
}

function message(text: string): Frame {
  return { text, bytes: webSocketFrame(text) };
}

/** A message that carries encoded `data`. */
export function dataFrame(format: Format, type: string, json: string): Frame {
  return format === 'io' ? event(type, json) : message(`{"type":"${type}","data":${json}}`);
}

/** A `price_update` around an encoded price. */
export function priceFrame(format: Format, json: string): Frame {
  return dataFrame(format, 'price_update', json);
}

/** A `price_updates` around encoded prices, joined by commas. */
export function pricesFrame(format: Format, joined: string): Frame {
  return dataFrame(format, 'price_updates', `[${joined}]`);
}

/** An answer to the client itself: its fields flat beside `type`, or an event with them. */
export function answerFrame(format: Format, type: string, body: object): Frame {
  return format === 'io' ? event(type, JSON.stringify(body)) : message(JSON.stringify({ type, ...body }));
}

/** What was wrong, under both names that clients read. */
export function errorOf(code: LiveErrorCode, message: string): LiveError {
  return { error: message, code, message };
}

export function encodePrice(price: LivePrice): string {
  return JSON.stringify(price);
}

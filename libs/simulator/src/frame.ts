/**
 * WebSocket frames as bytes (RFC 6455, 5.2; servers do not mask): a frame is made once and written to every subscriber's
 * socket, which the ws library would encode once per socket.
 */
function frame(opcode: number, length: number): Buffer {
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const bytes = Buffer.allocUnsafe(head + length);
  bytes[0] = 0x80 | opcode;
  if (head === 2) {
    bytes[1] = length;
  } else if (head === 4) {
    bytes[1] = 126;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = 127;
    bytes.writeUInt32BE(0, 2);
    bytes.writeUInt32BE(length, 6);
  }
  return bytes;
}

export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const bytes = frame(1, length);
  bytes.write(text, bytes.length - length);
  return bytes;
}

export function binaryFrame(payload: Buffer): Buffer {
  const bytes = frame(2, payload.length);
  payload.copy(bytes, bytes.length - payload.length);
  return bytes;
}

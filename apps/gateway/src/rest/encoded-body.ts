import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/** Below this a body is sent as it is. */
const COMPRESS_FROM = 2 * 1024;

/** Fast rather than small: what changes several times a second is compressed as often. Both work outside the event loop. */
const COMPRESSORS = {
  br: (text: string) => brotli(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
  gzip: (text: string) => deflate(text, { level: 3 }),
} as const;

type Compression = keyof typeof COMPRESSORS;
export type Encoding = Compression | 'identity';

const REFUSED = /;\s*q=0(\.0*)?$/;

/** The best encoding that an `accept-encoding` allows; `identity` where it says nothing. */
export function encodingOf(accepted: string | string[] | undefined): Encoding {
  if (accepted === undefined || accepted === '') return 'identity';
  const offers = String(accepted).toLowerCase().split(',');
  const takes = (name: Compression): boolean =>
    offers.some((offer) => offer.split(';', 1)[0]?.trim() === name && !REFUSED.test(offer.trim()));
  return takes('br') ? 'br' : takes('gzip') ? 'gzip' : 'identity';
}

/** Names a body, whichever way it is encoded and whichever process made it. */
export function etagOf(text: string): string {
  return `W/"${createHash('sha1').update(text).digest('base64url')}"`;
}

/** Whether a client that sent this `if-none-match` has what `etag` names; compared weakly, as RFC 9110 (13.1.2) has it. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === etag) return true;
  return ifNoneMatch.split(',').some((known) => [etag, etag.replace('W/', ''), '*'].includes(known.trim()));
}

/** A body that many clients get: each encoding is made once, when the first one wants it. */
export class EncodedBody {
  /** Of the text, whichever way it is encoded. */
  readonly etag: string;
  readonly bytes: number;
  private readonly made: Partial<Record<Compression, Buffer | Promise<Buffer>>> = {};

  constructor(readonly text: string) {
    this.etag = etagOf(text);
    this.bytes = Buffer.byteLength(text);
  }

  /** What `wanted` comes to: a small body is not compressed. */
  encodingFor(wanted: Encoding): Encoding {
    return this.bytes < COMPRESS_FROM ? 'identity' : wanted;
  }

  in(encoding: Encoding): string | Buffer | Promise<Buffer> {
    if (encoding === 'identity') return this.text;
    const made = this.made[encoding];
    if (made !== undefined) return made;
    const making = COMPRESSORS[encoding](this.text).then((bytes) => (this.made[encoding] = bytes));
    this.made[encoding] = making;
    return making;
  }
}

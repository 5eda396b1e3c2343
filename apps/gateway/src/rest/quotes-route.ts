import type { RegisteredAsset } from '@haunt/domain';
import type { FastifyInstance } from 'fastify';
import type { ShownPrice } from '../latest-prices.js';
import type { Absence } from './absence.js';
import type { Assets } from './assets.js';
import { etagOf } from './encoded-body.js';
import type { Envelopes } from './envelope.js';
import type { FixedHeaders } from './headers.js';

interface Prepared {
  readonly simulated: boolean;
  /** Of everything in it that is not the price. */
  readonly revision: number;
  /** As text: Node then writes head and body together, with one call of the system instead of a slower one. */
  readonly body: string;
  readonly etag: string;
  /** Names and values in turn, as `writeHead` wants them. */
  readonly headers: string[];
  /** The same for a client that has this answer already. */
  readonly unchanged: string[];
}

export const QUOTES_PATH = '/api/crypto/:id/quotes';

/**
 * GET /api/crypto/:id/quotes, the most asked question. The answer is put together once per price and listing, and written as it is,
 * past the hooks and interceptors that every other route goes through.
 */
export function quotesRoute(
  instance: FastifyInstance,
  assets: Assets,
  absence: Absence,
  envelopes: Envelopes,
  fixed: FixedHeaders,
  count: () => void,
): void {
  const answers = new WeakMap<ShownPrice | RegisteredAsset, Prepared>();

  const prepare = (price: ShownPrice | RegisteredAsset): Prepared => {
    const { view, asOf } = assets.quotes(price);
    const { revision } = assets;
    const envelope = envelopes.wrapCached(view, asOf);
    const simulated = envelope.meta.simulated === true;
    const body = JSON.stringify(envelope);
    const etag = etagOf(body);
    const always = Object.entries({ ...fixed.ofData(simulated), etag }).flat();
    const headers = [
      ...always,
      'content-type',
      'application/json; charset=utf-8',
      'content-length',
      String(Buffer.byteLength(body)),
    ];
    const answer = { simulated, revision, body, etag, headers, unchanged: always };
    answers.set(price, answer);
    return answer;
  };

  instance.get<{ Params: { id: string } }>(QUOTES_PATH, (request, reply) => {
    const { id } = request.params;
    const price = assets.priceOf(id) ?? assets.listed(id);
    if (price === undefined) return absence.of(id).then((problem) => Promise.reject(problem));
    const known = answers.get(price);
    const isCurrent = known?.simulated === envelopes.simulated && known.revision === assets.revision;
    const answer = isCurrent ? known : prepare(price);
    reply.hijack();
    const { raw } = reply;
    const { 'if-none-match': etag, origin } = request.raw.headers;
    if (!fixed.areConstant) for (const [name, value] of Object.entries(fixed.cors(origin))) raw.setHeader(name, value);
    if (etag === answer.etag) raw.writeHead(304, answer.unchanged).end();
    else raw.writeHead(200, answer.headers).end(request.raw.method === 'HEAD' ? undefined : answer.body);
    count();
    return undefined;
  });
}

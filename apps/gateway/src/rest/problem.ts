import { HttpException } from '@nestjs/common';
import type { Problem } from '@haunt/contracts';

/** A failure as the contract words it. `more` is added to the body; `retryAfter`: seconds until asking again makes sense, null for never. */
export class ProblemError extends HttpException {
  constructor(
    status: number,
    code: string,
    error: string,
    more: object = {},
    readonly retryAfter: number | null = retryAfterOf(status) ?? null,
  ) {
    super({ error, status, code, ...more } satisfies Problem, status);
  }
}

export function unknownAsset(id: string): ProblemError {
  const name = JSON.stringify(id.length > 40 ? `${id.slice(0, 40)}…` : id);
  return new ProblemError(
    404,
    'unknown_asset',
    `no asset is called ${name}; an asset is named by its symbol, such as btc, or its CoinMarketCap id, such as 1`,
  );
}

const CODES: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthorized',
  404: 'unknown_route',
  405: 'method_not_allowed',
  413: 'body_too_large',
  414: 'address_too_long',
  415: 'unsupported_media_type',
  422: 'invalid_body',
  426: 'upgrade_required',
  429: 'too_many_requests',
  502: 'upstream_failed',
  503: 'not_ready',
  504: 'no_answer',
};

/** What a status is called when nobody has said it more precisely. */
export function codeOf(status: number): string {
  return CODES[status] ?? (status >= 500 ? 'internal_error' : 'bad_request');
}

/** Seconds after which it makes sense to ask again; undefined where asking again makes none. */
export function retryAfterOf(status: number): number | undefined {
  return status === 429 || status === 502 || status === 503 ? 5 : status === 504 ? 1 : undefined;
}

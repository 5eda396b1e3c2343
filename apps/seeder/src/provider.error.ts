import { HttpFailure } from '@haunt/platform';

/**
 * `unable`: cannot serve this asset at all (no key, not listed). `busy`: its budget is used up for longer than it pays to
 * wait. `failed`: was asked, and gave nothing to work with.
 */
export type ProviderTrouble = 'unable' | 'busy' | 'failed';

/** Why the next provider serves. `message` is a sentence for people that names the provider, without a full stop. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  constructor(
    readonly trouble: ProviderTrouble,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The failure of a request as people are told: who, and what it did. Details are for the log. */
export function failureOf(provider: string, error: unknown): ProviderError {
  return new ProviderError('failed', `${provider} ${deed(error)}`, { cause: error });
}

function deed(error: unknown): string {
  if (!(error instanceof HttpFailure)) return 'gave an answer that is not what was asked for';
  if (error.kind === 'status') return `answered ${error.status ?? 'with an error'}`;
  return DEEDS[error.kind];
}

const DEEDS = {
  timeout: 'did not answer in time',
  network: 'cannot be reached',
  body: 'gave an answer that cannot be read',
} as const;

import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiResponse } from '@nestjs/swagger';
import { enveloped, PROBLEM, type Schema } from './schemas.js';

const REASONS: Readonly<Record<number, string>> = {
  400: 'A value or the body is not what is allowed',
  401: 'The token is missing or wrong',
  404: 'No such asset',
  413: 'The body is too large',
  415: 'The body is not JSON',
  422: 'The body is JSON, and not what is asked for; the sentence names the field',
  429: 'So many wait already that this one is not taken',
  502: 'An upstream failed, and it has never told anything',
  503: 'There is no price yet',
  504: 'The aggregator did not answer in time',
};

export const AssetId = (name: string): MethodDecorator =>
  ApiParam({ name, description: 'A symbol in any case, or a numeric CoinMarketCap id', example: 'btc' });

/** The data of a successful answer, inside its envelope. */
export const AnswersWith = (data: Schema): MethodDecorator => ApiOkResponse({ schema: enveloped(data) });

export const Fails = (...statuses: readonly number[]): MethodDecorator =>
  applyDecorators(
    ...statuses.map((status) => ApiResponse({ status, description: REASONS[status] ?? '', schema: PROBLEM })),
  );

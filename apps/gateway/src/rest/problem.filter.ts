import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { DeadlineError } from '@haunt/bus';
import type { Problem } from '@haunt/contracts';
import { Log } from '@haunt/platform';
import type { FastifyReply } from 'fastify';
import { codeOf, ProblemError, retryAfterOf } from './problem.js';

/** What Fastify says of bodies. Nest passes its sentences on, without their codes. */
const WORDED: readonly (readonly [RegExp, string])[] = [
  [/^Body is not valid JSON/, 'the body is not JSON, although its content-type says so'],
  [/^Body cannot be empty/, 'there is no body; it must be JSON, as its content-type says'],
  [/did not match Content-Length/, 'the body is not as long as its content-length says'],
];

/** Turns whatever was thrown into the contract's `{ error, status, code }`; what nobody foresaw is logged and not shown. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = this.problemOf(error);
    const retryAfter = error instanceof ProblemError ? error.retryAfter : (retryAfterOf(problem.status) ?? null);
    if (retryAfter !== null) void reply.header('retry-after', retryAfter);
    void reply.status(problem.status).send(problem);
  }

  /** @returns what the client is told of `error`. */
  problemOf(error: unknown): Problem {
    if (error instanceof ProblemError) return error.getResponse() as Problem;
    if (error instanceof DeadlineError) {
      return problem(504, `the aggregator did not answer within ${error.deadlineMs} ms; try again`);
    }
    const status = statusOf(error);
    if (status !== undefined && status < 500) return problem(status, sentence(status, error as Error));
    this.log.error({ err: error }, 'a request failed for a reason that was not foreseen');
    return problem(500, 'something went wrong here; it is in the log of the server');
  }
}

function problem(status: number, error: string): Problem {
  return { error, status, code: codeOf(status) };
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 ? status : undefined;
}

function sentence(status: number, error: Error): string {
  if (status === 413) return 'the body is too large; at most 64 KiB are read';
  if (status === 415) return 'the body must be JSON, sent with content-type: application/json';
  for (const [framework, ours] of WORDED) if (framework.test(error.message)) return ours;
  return error.message;
}

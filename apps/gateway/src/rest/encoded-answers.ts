import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type EncodedBody, encodingOf, type Encoding, isKnown } from './encoded-body.js';
import { FixedHeaders } from './headers.js';

/** An answer that many clients get. The same object stands for the same bytes and headers. */
export interface EncodedAnswer {
  readonly simulated: boolean;
  readonly body: EncodedBody;
}

type Kind = Encoding | 'unchanged';

/**
 * Writes answers that are large and asked for by everybody at once: the bytes and headers of each are made once and written as they
 * are, past the hooks and interceptors that every other route goes through.
 */
@Injectable()
export class EncodedAnswers {
  private readonly prepared = new WeakMap<EncodedAnswer, Partial<Record<Kind, string[]>>>();

  constructor(private readonly fixed: FixedHeaders) {}

  /** Whole, compressed as the client takes it, or 304 when it has it already. A promise where it must be compressed first. */
  send(request: FastifyRequest, reply: FastifyReply, answer: EncodedAnswer): Promise<void> | undefined {
    const { body } = answer;
    const { 'accept-encoding': accepted, 'if-none-match': known } = request.raw.headers;
    if (isKnown(known, body.etag)) {
      this.write(request, reply, answer, 'unchanged', '');
      return undefined;
    }
    const encoding = body.encodingFor(encodingOf(accepted));
    const bytes = body.in(encoding);
    if (typeof bytes !== 'string' && !Buffer.isBuffer(bytes))
      return bytes.then((made) => this.write(request, reply, answer, encoding, made));
    this.write(request, reply, answer, encoding, bytes);
    return undefined;
  }

  private write(
    request: FastifyRequest,
    reply: FastifyReply,
    answer: EncodedAnswer,
    kind: Kind,
    bytes: string | Buffer,
  ): void {
    reply.hijack();
    const { raw } = reply;
    const { method, headers } = request.raw;
    if (!this.fixed.areConstant)
      for (const [name, value] of Object.entries(this.fixed.cors(headers.origin))) raw.setHeader(name, value);
    const length = typeof bytes === 'string' ? answer.body.bytes : bytes.length;
    raw.writeHead(kind === 'unchanged' ? 304 : 200, this.headersOf(answer, kind, length));
    raw.end(kind === 'unchanged' || method === 'HEAD' ? undefined : bytes);
  }

  private headersOf(answer: EncodedAnswer, kind: Kind, length: number): string[] {
    const known = this.prepared.get(answer) ?? {};
    this.prepared.set(answer, known);
    return (known[kind] ??= this.prepare(answer, kind, length));
  }

  private prepare({ simulated, body: { etag } }: EncodedAnswer, kind: Kind, length: number): string[] {
    const headers = this.fixed.ofData(simulated);
    const vary = [headers['vary'] ?? [], 'accept-encoding'].flat().join(', ');
    const made = Object.entries({ ...headers, vary, etag }).flat();
    if (kind === 'unchanged') return made;
    if (kind !== 'identity') made.push('content-encoding', kind);
    return [...made, 'content-type', 'application/json; charset=utf-8', 'content-length', String(length)];
  }
}

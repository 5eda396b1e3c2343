import type { IncomingMessage } from 'node:http';
import type { SourceId } from '@haunt/domain';
import { type Fault, type FaultKind, parseFault, parseVenues } from './faults.js';
import { json, type Venue, type VenueAnswer, type VenueStats, type Violation } from './venue.js';

/** What the control endpoint can do to a simulation. */
export interface Controlled {
  readonly venues: Readonly<Record<SourceId, Venue>>;
  readonly violations: readonly Violation[];
  readonly stats: Readonly<Record<SourceId, VenueStats>>;
  fault(venue: SourceId, fault: Fault, options: { readonly forMs?: number }): void;
  heal(venue: SourceId, kind?: FaultKind): void;
  depeg(symbol: string, rate: number, options: { readonly overMs?: number }): void;
}

const BODY_BYTES = 64 * 1024;

/**
 * GET: faults, violations and counters. POST with JSON: `{venue, fault, ...fields, forMs?}` starts a fault,
 * `{venue, heal: kind | true}` ends it, `{depeg: {symbol, rate, overMs?}}` moves a peg. `venue` may be `all`.
 */
export async function control(simulator: Controlled, request: IncomingMessage): Promise<VenueAnswer> {
  if (request.method === 'GET') {
    const faults = Object.entries(simulator.venues).map(([id, { faults: active }]) => [id, active.kinds]);
    return json({ faults: Object.fromEntries(faults), violations: simulator.violations, stats: simulator.stats });
  }
  if (request.method !== 'POST') return json({ error: 'allowed: GET, POST' }, 405);
  try {
    apply(simulator, await bodyOf(request));
    return json({ ok: true });
  } catch (error) {
    return json({ error: error instanceof Error ? error.message : String(error) }, 400);
  }
}

function apply(simulator: Controlled, body: Readonly<Record<string, unknown>>): void {
  if (body['depeg'] !== undefined) {
    const { symbol, rate, overMs } = (body['depeg'] ?? {}) as { symbol?: unknown; rate?: unknown; overMs?: unknown };
    if (typeof symbol !== 'string' || typeof rate !== 'number') {
      throw new Error('depeg needs symbol (text) and rate (a number above 0)');
    }
    return simulator.depeg(symbol, rate, typeof overMs === 'number' ? { overMs } : {});
  }
  if (body['heal'] !== undefined) {
    const kind = body['heal'] === true ? undefined : (body['heal'] as FaultKind);
    for (const id of parseVenues(body['venue'])) simulator.heal(id, kind);
    return;
  }
  const { venues, fault, forMs } = parseFault(body);
  for (const id of venues) simulator.fault(id, fault, forMs === undefined ? {} : { forMs });
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > BODY_BYTES) throw new Error(`the body exceeds ${BODY_BYTES} bytes`);
  }
  const body: unknown = JSON.parse(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Error('the body must be a JSON object');
  return body as Record<string, unknown>;
}

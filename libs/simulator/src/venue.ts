import type { IncomingHttpHeaders } from 'node:http';
import type { SourceId } from '@haunt/domain';
import { ActiveFaults, type Fault, type FaultKind } from './faults.js';
import { emptied, withNulls, zeroed } from './damage.js';
import type { Market } from './market.js';
import { unit } from './noise.js';
import { RateWindow } from './rate-window.js';

export interface VenueRequest {
  readonly method: string;
  /** Without the venue's prefix: `/api/v3/time`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** As the client called this machine: what a venue says about itself must use it. */
  readonly host: string;
  readonly remote: string;
}

export interface VenueAnswer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
}

export type Route = readonly ['GET' | 'POST', RegExp, (request: VenueRequest, match: RegExpExecArray) => VenueAnswer];

/** A rule of a venue that a client broke. */
export interface Violation {
  readonly venue: SourceId;
  /** Epoch ms. */
  readonly at: number;
  /** Short and stable: `connects`, `messages`, `keep-alive`, `age` and so on. */
  readonly rule: string;
  /** What happened and what is allowed, a sentence. */
  readonly text: string;
}

/** Since the start. */
export interface VenueStats {
  connects: number;
  refusedConnects: number;
  /** Open now. */
  connections: number;
  framesIn: number;
  /** Counted once per subscriber. */
  framesOut: number;
  bytesOut: number;
  /** Trades made for at least one subscriber. */
  trades: number;
  requests: number;
  slowClients: number;
}

/** Requests one address may make. */
export interface RequestRules {
  readonly count: number;
  readonly windowMs: number;
  /** What a request counts, by its path: the first that matches; 1 without any. */
  readonly costs?: readonly (readonly [RegExp, number])[];
  /** Every path has a budget of its own. */
  readonly perPath?: boolean;
}

/** What all venues of one simulation share. */
export interface Setting {
  readonly seed: number;
  readonly market: Market;
  /** How far venues disagree, as a share of the price. */
  readonly spread: number;
  readonly symbols: readonly string[];
  /** See `listPairs`. */
  readonly shareOfTrades: number;
  readonly now: () => number;
  /** When somebody first looked, epoch ms: what was before nobody can have seen. */
  readonly began: () => number;
  /** 24 h rules last 24 h divided by this. */
  readonly timeScale: number;
  readonly keys: Readonly<Partial<Record<SourceId, string>>>;
  violate(violation: Violation): void;
}

export const json = (body: unknown, status = 200): VenueAnswer => ({ status, body: JSON.stringify(body) });
export const jsonText = (body: string, status = 200): VenueAnswer => ({ status, body });

/** A fake venue: answers requests as the real one does, obeys the faults it is told, reports clients that break rules. */
export abstract class Venue {
  readonly faults = new ActiveFaults();
  readonly stats: VenueStats = {
    connects: 0,
    refusedConnects: 0,
    connections: 0,
    framesIn: 0,
    framesOut: 0,
    bytesOut: 0,
    trades: 0,
    requests: 0,
    slowClients: 0,
  };
  private readonly budgets = new Map<string, RateWindow>();

  protected constructor(
    readonly id: SourceId,
    protected readonly setting: Setting,
    private readonly requests: RequestRules,
  ) {}

  protected abstract readonly routes: readonly Route[];
  protected abstract notFound(request: VenueRequest): VenueAnswer;
  /** What the venue says to a client that asks too often. */
  protected abstract tooOften(retryAfterS: number): VenueAnswer;

  /** Undefined: this request is never answered. */
  answer(request: VenueRequest): VenueAnswer | undefined {
    this.stats.requests++;
    const { faults } = this;
    if (faults.get('hang') !== undefined || faults.get('half-open') !== undefined) return undefined;
    const limited = faults.get('rate-limit');
    if (limited !== undefined) return this.refusal(limited.retryAfterS ?? 5);
    if (faults.get('server-error') !== undefined) return jsonText('{"message":"Internal server error"}', 500);
    if (faults.get('html') !== undefined) {
      return { status: 200, body: '<!DOCTYPE html><html><title>Maintenance</title></html>', type: 'text/html' };
    }
    if (!this.budget(request).allows(this.setting.now(), this.cost(request.path))) {
      this.violation('requests', `more than ${this.requests.count} requests in ${this.requests.windowMs} ms`);
      return this.refusal(Math.ceil(this.requests.windowMs / 1000));
    }
    const answer = this.routed(request);
    const delayMs = faults.get('slow')?.delayMs ?? 0;
    let { body } = answer;
    if (answer.status === 200 && faults.get('empty') !== undefined) body = emptied(body);
    if (faults.get('zeros') !== undefined) body = zeroed(body);
    const nulls = faults.get('nulls');
    if (nulls !== undefined) body = withNulls(body, nulls.share ?? 0.2);
    return { ...answer, body, delayMs };
  }

  /** Starts a fault; those that happen once have happened when this returns. */
  fault(fault: Fault, forMs?: number): void {
    // What happens once happens to sockets: a venue that has none is not concerned.
    if (fault.kind === 'drop' || fault.kind === 'shutdown') return;
    const now = this.setting.now();
    this.faults.set(fault, now, forMs === undefined ? Infinity : now + forMs);
  }

  heal(kind?: FaultKind): void {
    this.faults.clear(kind);
  }

  /** Does what is due. */
  round(now: number): void {
    for (const kind of this.faults.expire(now)) this.heal(kind);
  }

  stop(): void {
    this.faults.clear();
  }

  /** The venue's own clock, epoch ms. */
  clock(): number {
    return this.setting.now() + (this.faults.get('clock')?.skewMs ?? 0);
  }

  protected violation(rule: string, text: string): void {
    this.setting.violate({ venue: this.id, at: this.setting.now(), rule, text });
  }

  private refusal(retryAfterS: number): VenueAnswer {
    return { headers: { 'retry-after': String(retryAfterS) }, ...this.tooOften(retryAfterS) };
  }

  private routed(request: VenueRequest): VenueAnswer {
    for (const [method, pattern, handle] of this.routes) {
      const match = method === request.method ? pattern.exec(request.path) : null;
      if (match !== null) return handle(request, match);
    }
    return this.notFound(request);
  }

  private cost(path: string): number {
    return this.requests.costs?.find(([pattern]) => pattern.test(path))?.[1] ?? 1;
  }

  private budget({ remote, path }: VenueRequest): RateWindow {
    const { count, windowMs, perPath } = this.requests;
    const key = perPath === true ? `${remote} ${path}` : remote;
    let budget = this.budgets.get(key);
    if (budget === undefined) this.budgets.set(key, (budget = new RateWindow(count, windowMs)));
    return budget;
  }

  /** The `holes` fault: whether this bucket (its time counted in widths) is missing from what `seed` names. */
  protected hole(seed: number, bucket: number): boolean {
    const holes = this.faults.get('holes');
    return holes !== undefined && unit(seed ^ 0x401e5, bucket) < (holes.share ?? 0.2);
  }
}

import { Clock } from './clock.js';
import { version } from './version.js';

/** True, or a sentence that says what is missing. Cheap and synchronous: probes come every few seconds per client. */
export type ReadinessCheck = () => true | string;

export interface Readiness {
  readonly ready: boolean;
  /** Per check: true, or why not. */
  readonly checks: Readonly<Record<string, true | string>>;
}

export interface HealthReport {
  /** `degraded`: a readiness check fails. `down`: the process is shutting down. */
  readonly status: 'ok' | 'degraded' | 'down';
  readonly version: string;
  /** ISO 8601. */
  readonly timestamp: string;
  /** Seconds. */
  readonly uptime: number;
  readonly checks: Readonly<Record<string, true | string>>;
}

/** What a process says about itself. Rooms register what must hold before they can serve. */
export class Health {
  private readonly checks = new Map<string, ReadinessCheck>();
  private readonly startedAt: number;
  private stopping = false;

  constructor(private readonly clock: Clock) {
    this.startedAt = clock.now();
  }

  /** Registers a readiness check; the same name replaces. */
  add(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** From now on not ready, whatever the checks say. */
  stop(): void {
    this.stopping = true;
  }

  get isStopping(): boolean {
    return this.stopping;
  }

  /** Seconds since the start. */
  uptime(): number {
    return Math.round((this.clock.now() - this.startedAt) / 1000);
  }

  readiness(): Readiness {
    const checks: Record<string, true | string> = {};
    if (this.stopping) checks['process'] = 'shutting down';
    for (const [name, check] of this.checks) checks[name] = check();
    return { ready: Object.values(checks).every((outcome) => outcome === true), checks };
  }

  report(): HealthReport {
    const { ready, checks } = this.readiness();
    const status = this.stopping ? 'down' : ready ? 'ok' : 'degraded';
    return { status, version, timestamp: new Date(this.clock.now()).toISOString(), uptime: this.uptime(), checks };
  }
}

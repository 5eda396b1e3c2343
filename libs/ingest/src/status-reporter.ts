import type { EventBus } from '@haunt/bus';
import type { Log } from '@haunt/platform';
import { Complaints } from './complaints.js';
import { messageOf } from './failure.js';
import type { SourceHealth } from './source-health.js';

/** How often the state is derived anew: so soon after its budget a silent source is called stale. */
const CHECK_MS = 1_000;
/** Checks per report. */
const CHECKS_PER_REPORT = 2;

/** Publishes the health of sources: every change of state at once, everything every 2 s. */
export class StatusReporter {
  private readonly sources = new Set<SourceHealth>();
  private readonly complaints: Complaints;
  private timer: NodeJS.Timeout | undefined;
  private checks = 0;

  /** `onReport` sees every report that is published. */
  constructor(
    private readonly bus: Pick<EventBus, 'publish'>,
    log: Pick<Log, 'warn'>,
    private readonly onReport: (health: SourceHealth) => void = () => {},
  ) {
    this.complaints = new Complaints(log, 'a source status could not be published');
  }

  add(health: SourceHealth): void {
    this.sources.add(health);
  }

  start(): void {
    for (const health of this.sources) this.publish(health);
    this.timer = setInterval(() => {
      const report = ++this.checks % CHECKS_PER_REPORT === 0;
      for (const health of this.sources) {
        health.check();
        if (report) this.publish(health);
      }
    }, CHECK_MS);
  }

  /** For a change of state; also on its own account. */
  publish(health: SourceHealth): void {
    this.onReport(health);
    // The next report supersedes a lost one: nothing is kept, nothing is tried again.
    this.bus.publish('source.status', health.report()).catch((error: unknown) => {
      this.complaints.say(messageOf(error), health.source);
    });
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

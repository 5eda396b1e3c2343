import type { ComponentChildren } from 'preact';
import { useSignal } from '@preact/signals';
import { Badge } from '../parts/badge.js';
import { Empty, Failure, Skeleton } from '../parts/notices.js';
import { useWatch } from '../parts/use-watch.js';
import { assetHref } from '../route.js';
import { ask, sentenceOf, server } from '../state/server.js';
import { type Job, jobs, seedStates } from '../state/seeding.js';

/** Those who ended while somebody watched, at the most. */
const RECENT = 30;
/** Of a list, before somebody wants to see the rest. */
const SHOWN = 10;

/** History being fetched, live. */
export function SeedingView() {
  useWatch(seedStates);
  const { data, failure } = seedStates.answer.value;
  const all = jobs.value;
  const running = all.filter(({ status }) => status === 'seeding').sort((a, b) => b.progress - a.progress);
  const failed = all.filter(({ status }) => status === 'failed');
  const seeded = all.filter(({ status }) => status === 'seeded');
  const recent = seeded
    .filter(({ heardAt }) => heardAt !== undefined)
    .sort((a, b) => (b.heardAt ?? 0) - (a.heardAt ?? 0))
    .slice(0, RECENT);
  return (
    <section class="view" aria-labelledby="seeding-title">
      <div class="view-head">
        <h1 id="seeding-title">Seeding</h1>
        <p class="lead">The history of charts that Haunt did not see itself is fetched from venues and indices.</p>
      </div>
      {failure !== undefined && <Failure sentence={failure} retry={() => void seedStates.refresh()} />}
      {data === undefined && failure === undefined && <Skeleton lines={6} label="Loading the jobs" />}
      {data !== undefined && (
        <Tally all={all.length} seeded={seeded.length} running={running.length} failed={failed.length} />
      )}
      {data !== undefined && (
        <>
          <Jobs title="Running" jobs={running}>
            <Empty title="No job is running">
              Opening the chart of an asset whose history is not complete starts one; so does the button of a failed
              one.
            </Empty>
          </Jobs>
          {failed.length > 0 && <Jobs title="Failed" jobs={failed} />}
          {recent.length > 0 && <Jobs title="Just done" jobs={recent} />}
        </>
      )}
    </section>
  );
}

interface TallyProps {
  readonly all: number;
  readonly seeded: number;
  readonly running: number;
  readonly failed: number;
}

function Tally({ all, seeded, running, failed }: TallyProps) {
  const figures = [
    ['With history', seeded],
    ['Running', running],
    ['Failed', failed],
    ['Not asked for', all - seeded - running - failed],
  ] as const;
  return (
    <dl class="tally">
      {figures.map(([label, value]) => (
        <div key={label} class="card">
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface JobsProps {
  readonly title: string;
  readonly jobs: readonly Job[];
  /** Shown when there are none. */
  readonly children?: ComponentChildren;
}

function Jobs({ title, jobs: shown, children }: JobsProps) {
  const more = shown.slice(SHOWN);
  return (
    <section class="jobs" aria-label={title} data-testid={`jobs-${title.toLowerCase().replace(' ', '-')}`}>
      <h2>
        {title} {shown.length > 0 && <span class="aside">{shown.length}</span>}
      </h2>
      {shown.length === 0 ? children : <JobList jobs={shown.slice(0, SHOWN)} />}
      {more.length > 0 && (
        <details>
          <summary>{more.length} more</summary>
          <JobList jobs={more} />
        </details>
      )}
    </section>
  );
}

function JobList({ jobs: shown }: { readonly jobs: readonly Job[] }) {
  return (
    <ul class="card">
      {shown.map((job) => (
        <JobRow key={job.symbol} job={job} />
      ))}
    </ul>
  );
}

function JobRow({ job }: { readonly job: Job }) {
  const { symbol, status, progress, message } = job;
  const name = symbol.toUpperCase();
  return (
    <li class={`job ${status}`} data-symbol={symbol}>
      <Badge symbol={symbol} size={28} />
      <a href={assetHref(symbol)}>{name}</a>
      <p class="job-message">{message}</p>
      <div
        class="progress"
        role="progressbar"
        aria-label={`History of ${name}`}
        aria-valuenow={Math.round(progress)}
        aria-valuemin={0}
        aria-valuemax={100}
        style={{ '--share': (progress / 100).toFixed(3) }}
      />
      <span class="job-progress">{status === 'failed' ? <Retry symbol={symbol} /> : `${Math.round(progress)}%`}</span>
    </li>
  );
}

function Retry({ symbol }: { readonly symbol: string }) {
  const failure = useSignal<string | undefined>(undefined);
  const retry = async (): Promise<void> => {
    try {
      await ask(server.rest.seed(symbol));
      failure.value = undefined;
      await seedStates.refresh();
    } catch (error) {
      failure.value = sentenceOf(error);
    }
  };
  return (
    <>
      <button
        type="button"
        class="button"
        onClick={() => void retry()}
        aria-label={`Fetch the history of ${symbol.toUpperCase()} again`}
      >
        Try again
      </button>
      {failure.value !== undefined && (
        <span class="job-failure" role="alert">
          {failure.value}
        </span>
      )}
    </>
  );
}

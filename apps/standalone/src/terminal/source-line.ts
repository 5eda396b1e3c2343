import { SOURCES, type SourceId, type SourceState, type SourceStatus } from '@haunt/domain';
import { span } from './figures.js';
import type { SourceLine } from './picture.js';

const NOTES: Readonly<Record<SourceState, (status: SourceStatus, now: number) => string>> = {
  disabled: ({ reason }) => reason ?? '',
  failing: ({ lastError, reason, nextAttemptAt }, now) => {
    const next = nextAttemptAt === undefined ? '' : nextTry(nextAttemptAt - now);
    return `${next}${lastError?.message ?? reason ?? 'no reason given'}`;
  },
  stale: ({ lastDataAt }, now) =>
    lastDataAt === undefined ? 'connected, no data yet' : `no data for ${span(now - lastDataAt)}`,
  connecting: ({ lastError, reason }) =>
    lastError === undefined ? (reason ?? '') : `again after: ${lastError.message}`,
  connected: ({ unlisted, silent, badFrames }) =>
    [
      unlisted.length > 0 ? `${unlisted.length} not listed there` : '',
      silent.length > 0 ? `${silent.length} silent` : '',
      badFrames > 0 ? `${badFrames} bad frames` : '',
    ]
      .filter((part) => part !== '')
      .join(', '),
};

/** What a source's last report means to a person, at `now` (epoch ms). */
export function noteOn(status: SourceStatus, now: number): string {
  return NOTES[status.state](status, now);
}

function nextTry(ms: number): string {
  return ms <= 0 ? 'trying again: ' : `next try in ${span(ms)}: `;
}

export function sourceLine(
  id: SourceId,
  status: SourceStatus | undefined,
  updatesPerMinute: number,
  now: number,
): SourceLine {
  const { name } = SOURCES[id];
  if (status === undefined) return { name, state: 'starting', symbols: 0, updatesPerMinute, note: '' };
  return { name, state: status.state, symbols: status.symbols, updatesPerMinute, note: noteOn(status, now) };
}

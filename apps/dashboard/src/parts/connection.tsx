import { useEffect, useState } from 'preact/hooks';
import type { LiveState } from '@haunt/client';
import { age, clockTime } from '../format.js';
import { now } from '../state/clock.js';
import { connection, lostAt, refusal, server } from '../state/server.js';

type Tone = 'live' | 'waiting' | 'down';

/** In a word, for the header. */
export function ConnectionPill() {
  const { tone, label, when } = described(connection.value);
  return (
    <span class={`connection ${tone}`} data-testid="connection">
      <span class="dot" />
      <span class="connection-label">
        {label}
        {when !== undefined && <span class="when"> {when}</span>}
      </span>
      <Announcer state={connection.value} />
    </span>
  );
}

/** Says that what is shown has stopped, since when, and what is being done. */
export function ConnectionNotice() {
  const since = lostAt.value;
  const state = connection.value;
  const isLost = since !== undefined;
  const shell = document.documentElement;
  useEffect(() => {
    shell.dataset['stale'] = String(isLost);
  }, [isLost, shell]);
  const neverWas = since === undefined && state.status === 'waiting';
  if (!isLost && !neverWas) return <Refusal />;
  return (
    <section class="lost" aria-label="Connection" data-testid="connection-lost">
      <p>
        <strong>{isLost ? `Connection lost ${age(now.value - since)} ago.` : 'No connection to the server.'}</strong>{' '}
        {isLost && `Prices are those of ${clockTime(since)}. `}
        {words(described(state))}.
      </p>
      {state.status === 'waiting' && (
        <button type="button" class="button" onClick={() => server.live.reconnectNow()}>
          Try now
        </button>
      )}
    </section>
  );
}

/** What the server refused, as too many assets: the rest goes on. */
function Refusal() {
  const sentence = refusal.value;
  if (sentence === undefined) return null;
  return (
    <section class="lost" aria-label="Connection">
      <p role="alert">The server refused: {sentence}.</p>
      <button type="button" class="button" onClick={() => void (refusal.value = undefined)}>
        Dismiss
      </button>
    </section>
  );
}

/** Tells a screen reader of changes that matter, and not of every second of the wait. */
function Announcer({ state }: { readonly state: LiveState }) {
  const [said, say] = useState('');
  const isLive = state.status === 'connected';
  const isLost = lostAt.value !== undefined;
  useEffect(() => {
    if (isLost) say('Connection lost. The prices shown are no longer live; reconnecting.');
    else if (isLive) say((before) => (before === '' ? ' ' : 'Connected. Prices are live.'));
  }, [isLive, isLost]);
  return (
    <span class="sr" aria-live="polite">
      {said}
    </span>
  );
}

interface Described {
  readonly tone: Tone;
  readonly label: string;
  /** When the next attempt is. */
  readonly when?: string;
}

function words({ label, when }: Described): string {
  return when === undefined ? label : `${label} ${when}`;
}

function described(state: LiveState): Described {
  switch (state.status) {
    case 'connected':
      return { tone: 'live', label: 'Live' };
    case 'waiting': {
      if (!navigator.onLine) return { tone: 'down', label: 'Offline' };
      const seconds = Math.max(0, Math.ceil((state.retryAt - now.value) / 1000));
      return { tone: 'down', label: 'Reconnecting', ...(seconds > 0 && { when: `in ${seconds} s` }) };
    }
    case 'connecting':
      if (lostAt.value !== undefined) return { tone: 'down', label: 'Reconnecting' };
      return { tone: 'waiting', label: 'Connecting' };
    default:
      return { tone: 'waiting', label: 'Connecting' };
  }
}

import { useEffect, useState } from 'preact/hooks';
import type { LiveState } from '@haunt/client';
import { age, clockTime } from '../format.js';
import { now } from '../state/clock.js';
import { connection, lostAt, server } from '../state/server.js';

type Tone = 'live' | 'waiting' | 'down';

/** In a word, for the header. */
export function ConnectionPill() {
  const { tone, label } = described(connection.value);
  return (
    <span class={`connection ${tone}`} data-testid="connection">
      <span class="dot" />
      <span class="connection-label">{label}</span>
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
  if (!isLost && !neverWas) return null;
  return (
    <div class="lost" data-testid="connection-lost">
      <p>
        <strong>{isLost ? `Connection lost ${age(now.value - since)} ago.` : 'No connection to the server.'}</strong>{' '}
        {isLost && `Prices are those of ${clockTime(since)}. `}
        {described(state).label}.
      </p>
      {state.status === 'waiting' && (
        <button type="button" class="button" onClick={() => server.live.reconnectNow()}>
          Try now
        </button>
      )}
    </div>
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

function described(state: LiveState): { readonly tone: Tone; readonly label: string } {
  switch (state.status) {
    case 'connected':
      return { tone: 'live', label: 'Live' };
    case 'waiting': {
      if (!navigator.onLine) return { tone: 'down', label: 'Offline' };
      const seconds = Math.max(0, Math.ceil((state.retryAt - now.value) / 1000));
      return { tone: 'down', label: seconds === 0 ? 'Reconnecting' : `Reconnecting in ${seconds} s` };
    }
    case 'connecting':
      return lostAt.value === undefined
        ? { tone: 'waiting', label: 'Connecting' }
        : { tone: 'down', label: 'Reconnecting' };
    default:
      return { tone: 'waiting', label: 'Connecting' };
  }
}

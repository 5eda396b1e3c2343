import { signal } from '@preact/signals';
import { type Envelope, HauntClient, HauntError, type LiveState, type Meta } from '@haunt/client';

/** The one place that talks to the server. */
export const server = new HauntClient({
  silenceMs: 8_000,
  timeoutMs: 8_000,
  backoff: { baseMs: 600, capMs: 10_000 },
  socket: { transports: ['websocket'] },
});

/** How the live connection stands. */
export const connection = signal<LiveState>(server.live.state);
/** When the connection was lost whose prices are still shown, epoch ms; undefined while there is one, and before the first. */
export const lostAt = signal<number | undefined>(undefined);
/** The server has said that what it serves is made up. */
export const simulated = signal(false);
/** What the server last refused on the live connection, a sentence. */
export const refusal = signal<string | undefined>(undefined);

const reopened = new Set<() => void>();
let hasBeenConnected = false;

server.live.on('state', (state) => {
  const wasConnected = connection.value.status === 'connected';
  connection.value = state;
  if (state.status === 'connected') {
    lostAt.value = undefined;
    if (hasBeenConnected) for (const listener of reopened) listener();
    hasBeenConnected = true;
  } else if (wasConnected) lostAt.value = Date.now();
});
server.live.on('error', ({ error }) => {
  refusal.value = error;
});

/** `listener` is called when a lost connection is back: what was asked once may be another by now. @returns what ends it */
export function onReopened(listener: () => void): () => void {
  reopened.add(listener);
  return () => void reopened.delete(listener);
}

/** The answer to `question`, having noted what it says about all answers. @throws HauntError */
export async function ask<T>(question: Promise<Envelope<T>>): Promise<Envelope<T>> {
  const envelope = await question;
  note(envelope.meta);
  return envelope;
}

/** The sentence that a failure is shown with. */
export function sentenceOf(error: unknown): string {
  if (error instanceof HauntError)
    return error.status === 0 ? `The server does not answer: ${error.message}` : error.message;
  return error instanceof Error ? error.message : String(error);
}

function note(meta: Meta): void {
  simulated.value = meta.simulated === true;
}

import { Redis, ReplyError } from 'ioredis';

const CONNECT_WITHIN_MS = 5_000;

/** Redis did not answer in time: away, frozen, or a connection that died without a word. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError';
}

/** The promise, or a SilenceError when it takes longer; what comes later is ignored. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new SilenceError(`${what}: no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A client that lives as long as its socket. It neither reconnects nor queues nor re-sends: a blocking read that ioredis
 * re-sends by itself may never settle (ioredis #1888, #2193), so whoever holds the client replaces it as a whole.
 */
export function createClient(url: string, name: string): Redis {
  const client = new Redis(url, {
    lazyConnect: true,
    connectionName: name,
    retryStrategy: () => null,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_WITHIN_MS,
  });
  // Every failure also rejects the command it hit; without a listener ioredis prints it.
  client.on('error', () => undefined);
  return client;
}

/** Resolves when the client may be used. @throws when Redis cannot be reached, or is silent. */
export async function connect(client: Redis): Promise<void> {
  await within(CONNECT_WITHIN_MS, 'connecting to Redis', client.connect());
}

/** Ends the client at once and rejects what it still waits for. Safe to call again. */
export function discard(client: Redis): void {
  if (client.status === 'end') return;
  const { stream } = client;
  // A second disconnect() would leave a timer of two seconds behind; a graceful end waits for a frozen Redis as long.
  if (!stream?.destroyed) client.disconnect();
  stream?.destroy();
}

/** Redis refused the command itself; false when it says that it cannot work now, and for every failure of the connection. */
export function isRefusal(error: unknown): error is Error {
  if (!(error instanceof ReplyError)) return false;
  return !/^(LOADING|READONLY|MASTERDOWN|TRYAGAIN|CLUSTERDOWN)/.test((error as Error).message);
}

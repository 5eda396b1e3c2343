import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Clock } from './clock.js';
import { HttpClient, HttpFailure, retryAfterMs } from './http-client.js';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

class HeldClock extends Clock {
  override now(): number {
    return NOW;
  }
}

const client = new HttpClient(new HeldClock());
let server: Server | undefined;

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
});

async function failureOf(promise: Promise<unknown>): Promise<HttpFailure> {
  const outcome = await promise.then(
    () => 'an answer',
    (error: unknown) => error,
  );
  if (outcome instanceof HttpFailure) return outcome;
  throw new Error(`expected a failure, got ${String(outcome)}`);
}

test('an answer is its JSON, its headers, and when it was complete', async () => {
  const url = await serve((request, response) => {
    response.setHeader('x-haunt-simulated', '1');
    response.end(JSON.stringify({ method: request.method, key: request.headers['x-key'] }));
  });
  const answer = await client.request({ url: `${url}/a`, method: 'POST', headers: { 'X-Key': 'k' } });
  expect(answer).toMatchObject({ status: 200, body: { method: 'POST', key: 'k' }, receivedAt: NOW });
  expect(answer.headers.get('x-haunt-simulated')).toBe('1');
});

test('an empty body is no failure', async () => {
  const url = await serve((_, response) => response.writeHead(204).end());
  await expect(client.request({ url })).resolves.toMatchObject({ status: 204, body: undefined });
});

test('no answer in time', async () => {
  const url = await serve(() => undefined);
  const failure = await failureOf(client.request({ url, timeoutMs: 50 }));
  expect(failure.kind).toBe('timeout');
  expect(failure.message).toMatch(/^127\.0\.0\.1:\d+ did not answer within 50 ms$/);
});

test('headers in time, and a body that never ends', async () => {
  const url = await serve((_, response) => response.write('{"price":'));
  expect((await failureOf(client.request({ url, timeoutMs: 50 }))).kind).toBe('timeout');
});

test('a body larger than allowed is not read to its end', async () => {
  let sent = 0;
  const url = await serve((_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, 0x20))) sent += 64 * 1024;
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  const failure = await failureOf(client.request({ url, maxBytes: 256 * 1024 }));
  expect(failure).toMatchObject({ kind: 'body', status: 200 });
  expect(failure.message).toContain('more than 262144 bytes');
  expect(sent).toBeLessThan(64 * 1024 * 1024);
});

test('a page instead of JSON', async () => {
  const url = await serve((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<html><body><h1>Just a moment...</h1></body></html>');
  });
  const failure = await failureOf(client.request({ url }));
  expect(failure).toMatchObject({ kind: 'body', status: 200 });
  expect(failure.message).toMatch(/answered 200 with text\/html that is not JSON: Just a moment\.\.\.$/);
});

test.each([
  ['seconds', '7', 7_000],
  ['a date', 'Fri, 02 Jan 2026 03:05:05 GMT', 60_000],
  ['a date that has passed', 'Fri, 02 Jan 2026 03:00:00 GMT', 0],
  ['nonsense', 'later', undefined],
])('429 with Retry-After in %s', async (_, header, expected) => {
  const url = await serve((__, response) =>
    response.writeHead(429, { 'retry-after': header }).end('{"error":"slow down"}'),
  );
  const failure = await failureOf(client.request({ url }));
  expect(failure).toMatchObject({ kind: 'status', status: 429, retryAfterMs: expected });
  expect(failure.message).toContain('answered 429 Too Many Requests');
  expect(failure.message).toContain('slow down');
});

test('Retry-After is never a number by accident', () => {
  expect([retryAfterMs(null, NOW), retryAfterMs('', NOW), retryAfterMs('-5', NOW), retryAfterMs('1.5', NOW)]).toEqual(
    Array(4).fill(undefined),
  );
});

test('a key that the other side repeats is not in the message', async () => {
  const url = await serve((request, response) =>
    response.writeHead(401).end(`bad key ${String(request.headers['x-key'])} in ${String(request.url)}`),
  );
  const failure = await failureOf(
    client.request({ url: `${url}/?api_key=hunter2hunter2`, headers: { 'x-key': 'hunter3hunter3' } }),
  );
  expect(failure.message).toContain('answered 401 Unauthorized: bad key *** in');
  expect(failure.message).not.toContain('hunter');
});

test('nobody there: the host and the reason, not "fetch failed"', async () => {
  const url = await serve(() => undefined);
  server?.close();
  const failure = await failureOf(client.request({ url }));
  expect(failure.kind).toBe('network');
  expect(failure.message).toMatch(/^127\.0\.0\.1:\d+: connection refused \(ECONNREFUSED\)$/);
});

test('a connection that breaks in the middle of the body', async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{', () => response.destroy());
  });
  expect(await failureOf(client.request({ url }))).toMatchObject({ kind: 'network' });
});

test('the caller may end it', async () => {
  const url = await serve(() => undefined);
  const reason = new Error('the source was closed');
  await expect(client.request({ url, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

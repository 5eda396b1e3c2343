import type { Log } from '@haunt/platform';
import type { FastifyInstance } from 'fastify';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { encodingOf, etagOf } from './rest/encoded-body.js';

/** Where the build puts the dashboard. */
export const PAGE_FOLDER = join(__dirname, '..', '..', 'dashboard', 'public');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};

/** To be asked for every time; what it refers to has its content in its name and is kept for a year. */
const ALWAYS_ASK = 'no-cache';
const NEVER_CHANGES = 'public, max-age=31536000, immutable';

/**
 * Serves the dashboard at `/` and its files under `/assets/`, compressed as the build left them. They are read once, so that a page and
 * its scripts belong together also while somebody builds anew; each is a route, so that every other path stays a 404 that says
 * so. Without a built dashboard everything else works, and the log says that it is missing.
 */
export function servePage(instance: FastifyInstance, log: Log, folder = PAGE_FOLDER): void {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) {
    log.warn({ folder }, 'there is no built dashboard, so there is nothing at /; npm run build makes it');
    return;
  }
  serveFile(instance, '/', index, ALWAYS_ASK);
  const assets = join(folder, 'assets');
  for (const name of readdirSync(assets)) {
    if (extname(name) in TYPES) serveFile(instance, `/assets/${name}`, join(assets, name), NEVER_CHANGES);
  }
}

function serveFile(instance: FastifyInstance, path: string, file: string, cacheControl: string): void {
  const identity = readFileSync(file);
  const bodies = { identity, br: readIfThere(`${file}.br`), gzip: readIfThere(`${file}.gz`) };
  const etag = etagOf(identity.toString('latin1'));
  const type = TYPES[extname(file)] as string;
  instance.get(path, (request, reply) => {
    const wanted = encodingOf(request.headers['accept-encoding']);
    const body = bodies[wanted];
    if (body !== undefined && wanted !== 'identity') void reply.header('content-encoding', wanted);
    void reply.type(type).headers({ etag, 'cache-control': cacheControl, vary: 'accept-encoding' });
    return reply.send(body ?? identity);
  });
}

function readIfThere(file: string): Buffer | undefined {
  return existsSync(file) ? readFileSync(file) : undefined;
}

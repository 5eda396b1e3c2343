import etag from '@fastify/etag';
import { silentLog } from '@haunt/platform';
import { fastify, type FastifyInstance } from 'fastify';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { servePage } from './page.js';

const script = 'let price = 1;'.repeat(200);
let folder: string;
let server: FastifyInstance;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'haunt-page-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'assets', 'main-ABC.js'), script);
  writeFileSync(join(folder, 'assets', 'main-ABC.js.br'), brotliCompressSync(script));
  server = fastify();
  await server.register(etag, { weak: true });
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

it('has the page asked for every time, and answers 304 to who has it', async () => {
  servePage(server, silentLog, folder);
  const first = await server.inject('/');
  expect(first.body).toBe('<!doctype html>');
  expect(first.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
  const again = await server.inject({ url: '/', headers: { 'if-none-match': String(first.headers.etag) } });
  expect([again.statusCode, again.body]).toEqual([304, '']);
});

it('has what is named by its content kept, as the build compressed it', async () => {
  servePage(server, silentLog, folder);
  const { headers, rawPayload } = await server.inject({
    url: '/assets/main-ABC.js',
    headers: { 'accept-encoding': 'gzip, br' },
  });
  expect(headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept-encoding' });
  expect(headers['cache-control']).toContain('immutable');
  expect(brotliDecompressSync(rawPayload).toString()).toBe(script);
  // There is no gzip beside it: then it comes as it is, and not as something it is not.
  const plain = await server.inject({ url: '/assets/main-ABC.js', headers: { 'accept-encoding': 'gzip' } });
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(plain.body).toBe(script);
});

it('goes on serving one build while another takes its place', async () => {
  servePage(server, silentLog, folder);
  rmSync(join(folder, 'assets'), { recursive: true });
  expect((await server.inject('/assets/main-ABC.js')).body).toBe(script);
});

it('serves nothing but what was built', async () => {
  servePage(server, silentLog, folder);
  const paths = ['/assets/main-ABC.js.br', '/assets/', '/assets/../index.html', '/index.html', '/anything'];
  const answers = await Promise.all(paths.map((path) => server.inject(path)));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(paths.map(() => 404));
});

it('does without a dashboard that was not built, and says so', async () => {
  const warn = jest.spyOn(silentLog, 'warn');
  servePage(server, silentLog, join(folder, 'nowhere'));
  expect(warn).toHaveBeenCalledWith(expect.anything(), expect.stringContaining('npm run build'));
  expect((await server.inject('/')).statusCode).toBe(404);
});

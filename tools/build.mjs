// `nest build --all` and the dashboard, unless dist already is what the sources say: `npm start` should not make anybody wait.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDashboard } from './dashboard.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const stampFile = join(dist, '.stamp');
const rooms = ['apps', 'libs', 'bench'];
const page = 'apps/dashboard';
const settings = ['tools/dashboard.mjs', 'nest-cli.json', 'tsconfig.json', '.swcrc', 'package-lock.json'];

function filesIn(folder, ends) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ends.some((end) => entry.name.endsWith(end)))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function stampOf(files) {
  const hash = createHash('sha256').update(process.version);
  for (const file of files.toSorted()) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${relative(root, file)} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

/** Two builds at once (tests start them) would delete each other's files. The lock of a dead builder is taken over. */
function lock() {
  const file = join(root, 'dist', '.lock');
  mkdirSync(dist, { recursive: true });
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      process.on('exit', () => rmSync(file, { force: true }));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isAlive(file)) rmSync(file, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
}

function isAlive(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    // Just made, not yet written: somebody lives.
    if (pid > 0) process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

lock();
const sources = rooms.flatMap((room) => filesIn(join(root, room), ['.ts']));
// Taken before the build: what is edited meanwhile is built the next time.
const pageSources = filesIn(join(root, page), ['.tsx', '.css', '.html', '.svg', '.json']);
const stamp = stampOf([...sources, ...pageSources, ...settings.map((file) => join(root, file))]);
if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) process.exit(0);

rmSync(stampFile, { force: true });
const nest = createRequire(import.meta.url).resolve('@nestjs/cli/bin/nest.js');
const build = spawnSync(process.execPath, [nest, 'build', '--all'], { cwd: root, encoding: 'utf8' });
if (build.status !== 0) {
  process.stderr.write(`${build.stdout}${build.stderr}\nThe build failed.\n`);
  process.exit(build.status ?? 1);
}

// What lost its source must not be found by anybody any more.
const built = new Set(sources.map((file) => relative(root, file).replace(/\.ts$/, '')));
for (const file of filesIn(dist, ['.js', '.js.map'])) {
  const module = relative(dist, file).replace(/\.js(\.map)?$/, '');
  if (module.startsWith(join(page, 'public') + sep)) continue;
  if (rooms.includes(module.split(sep)[0]) && !built.has(module)) rmSync(file);
}
await buildDashboard(root);
mkdirSync(dist, { recursive: true });
writeFileSync(stampFile, stamp);

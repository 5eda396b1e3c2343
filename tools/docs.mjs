// Writes the pages of docs/ that follow from tables in the code: `npm run docs`. With `--check` it writes none, and fails when one is not
// what the code says. It reads the sources: no build is needed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';
import { describeEvents } from './events-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const { describeMetrics, describeSettings, ...contracts } = await loadTables([
  'libs/contracts/src/index.ts',
  'libs/platform/src/describe-metrics.ts',
  'libs/platform/src/describe-settings.ts',
]);
const pages = {
  'docs/CONFIG.md': describeSettings(),
  'docs/EVENTS.md': describeEvents(contracts),
  'docs/METRICS.md': describeMetrics(),
};

const old = [];
for (const [page, text] of Object.entries(pages)) {
  const file = join(root, page);
  const wanted = await format(text, { ...(await resolveConfig(file)), filepath: file });
  if (wanted === textOf(file)) continue;
  old.push(page);
  if (!process.argv.includes('--check')) writeFileSync(file, wanted);
}
if (process.argv.includes('--check') && old.length > 0) {
  console.error(`${old.join(', ')} is not what the code says any more: npm run docs`);
  process.exitCode = 1;
}

/** What these modules export, compiled together. */
async function loadTables(files) {
  const outfile = join(root, 'dist/.docs.cjs');
  mkdirSync(join(root, 'dist'), { recursive: true });
  await build({
    absWorkingDir: root,
    stdin: { contents: files.map((file) => `export * from './${file}';`).join('\n'), resolveDir: root },
    tsconfig: join(root, 'tsconfig.json'),
    bundle: true,
    platform: 'node',
    packages: 'external',
    format: 'cjs',
    outfile,
    logLevel: 'warning',
  });
  return createRequire(import.meta.url)(outfile);
}

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

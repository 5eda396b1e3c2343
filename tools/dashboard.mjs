// Bundles apps/dashboard into dist/apps/dashboard/public, as the gateway serves it: what is under assets/ is named by its content.
import { build } from 'esbuild';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** Below this a file is sent as it is. */
const COMPRESS_FROM = 1024;

/**
 * What `index.html` calls each of them. The first script is apart because it runs before the first paint; the styles are
 * those that `main` imports.
 */
const ENTRIES = { main: 'src/main.tsx', theme: 'src/theme-first.ts', icon: 'src/icon.svg' };

/** @param root of the project. @throws when a source cannot be built; esbuild has then said why. */
export async function buildDashboard(root) {
  const home = join(root, 'apps', 'dashboard');
  const pub = join(root, 'dist', 'apps', 'dashboard', 'public');
  rmSync(pub, { recursive: true, force: true });

  const { metafile, outputFiles } = await build({
    absWorkingDir: home,
    entryPoints: Object.values(ENTRIES),
    outdir: pub,
    entryNames: 'assets/[name]-[hash]',
    chunkNames: 'assets/[name]-[hash]',
    assetNames: 'assets/[name]-[hash]',
    bundle: true,
    format: 'esm',
    splitting: true,
    target: ['es2022', 'chrome111', 'firefox113', 'safari16.4'],
    minify: true,
    sourcemap: true,
    legalComments: 'linked',
    loader: { '.svg': 'copy' },
    tsconfig: join(home, 'tsconfig.json'),
    define: { 'process.env.NODE_ENV': '"production"' },
    metafile: true,
    write: false,
    logLevel: 'error',
  });

  const addresses = new Map();
  let preloads = '';
  for (const [file, { entryPoint, cssBundle, imports }] of Object.entries(metafile.outputs)) {
    const name = Object.keys(ENTRIES).find((key) => ENTRIES[key] === entryPoint);
    if (name === undefined) continue;
    addresses.set(name, addressOf(file));
    if (cssBundle !== undefined) addresses.set('style', addressOf(cssBundle));
    // Otherwise a browser learns of them only when it has read the script that wants them.
    const wanted = imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
    preloads += wanted.map(({ path }) => `<link rel="modulepreload" href="${addressOf(path)}" />`).join('');
  }
  addresses.set('preloads', preloads);
  const index = readFileSync(join(home, 'index.html'), 'utf8').replace(/%(\w+)%/g, (_all, name) => {
    const address = addresses.get(name);
    if (address === undefined) throw new Error(`index.html asks for %${name}%, and nothing of that name was built`);
    return address;
  });

  mkdirSync(join(pub, 'assets'), { recursive: true });
  for (const { path, contents } of outputFiles) write(path, contents);
  // Last, because it refers to the others.
  write(join(pub, 'index.html'), Buffer.from(index));

  function addressOf(file) {
    return `/${relative(pub, join(home, file)).split('\\').join('/')}`;
  }
}

/** Writes a file and, where it pays, its compressed forms: made once here, as small as they get. */
function write(path, contents) {
  writeFileSync(path, contents);
  if (contents.length < COMPRESS_FROM || /\.(map|txt)$/.test(basename(path))) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${path}.br`, brotliCompressSync(contents, { params }));
  writeFileSync(`${path}.gz`, gzipSync(contents, { level: constants.Z_BEST_COMPRESSION }));
}

// Makes dist/client (or the folder given) of libs/client: one ES module, one file of declarations, and what npm wants to know. Nothing of the other rooms is
// left to be installed: what the client uses of them is in both files.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { rollUp } from './declarations.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'libs/client');
const target = resolve(process.argv[2] ?? join(root, 'dist/client'));
const entry = join(source, 'src/index.ts');
const about = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
const externals = Object.keys(about.dependencies);

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: [entry],
  outfile: join(target, 'index.js'),
  tsconfig: join(root, 'tsconfig.json'),
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  external: externals,
  logLevel: 'warning',
});
writeFileSync(join(target, 'index.d.ts'), rollUp(root, entry, externals));
writeFileSync(join(target, 'package.json'), `${JSON.stringify({ ...about, type: 'module' }, undefined, 2)}\n`);
copyFileSync(join(source, 'README.md'), join(target, 'README.md'));
copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'));

// Takes out of an installed node_modules what no process here ever reads: `node tools/slim.mjs <folder>`. For the image; half of it goes.
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

/** For editors, debuggers and readers. Licences stay. */
const FILES = /\.(map|md|markdown|tsbuildinfo|flow|ts|mts|cts)$/i;
const KEPT = /licen[cs]e|notice|copying/i;

/**
 * Whole folders, by what makes them dead weight. Our code is CommonJS, so of a package that comes in several module formats one is read; Nest is
 * ESM, and what it imports has a `node` condition or no ESM at all.
 */
const FOLDERS = [
  // A peer of the OpenAPI module, for a plugin of the compiler; and commands, which nobody types in an image.
  /^(typescript|@typescript|@types|\.bin)$/,
  /^rxjs\/(src|dist\/(esm|esm5|bundles|types))$/,
  /^@opentelemetry\/[^/]+\/build\/(esm|esnext)$/,
  /^class-validator\/(bundles|esm5|esm2015|types)$/,
  /^class-transformer\/(bundles|esm5|esm2015|types)$/,
  /^libphonenumber-js\/(bundle|es6|es6-modern|source)$/,
];

/** Native parts: of glibc and musl, and of the ABIs of several releases of Node, one is loaded. */
const NATIVE = /\.node$/;
const { report } = process;
const libc = report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
const isForeign = (name) => {
  const abi = /\babi(\d+)\b/.exec(name)?.[1];
  const isOtherLibc = name.includes(libc === 'glibc' ? 'musl' : 'glibc');
  return isOtherLibc || (abi !== undefined && abi !== process.versions.modules);
};

function isDead(name, path, isFolder) {
  if (isFolder) return FOLDERS.some((folder) => folder.test(path));
  if (NATIVE.test(name)) return isForeign(name);
  return FILES.test(name) && !KEPT.test(name);
}

function bytesOf(path) {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}

/** @returns how many bytes went. */
function slim(root, folder = root) {
  let gone = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (isDead(entry.name, relative(root, path), entry.isDirectory())) {
      gone += bytesOf(path);
      rmSync(path, { recursive: true });
    } else if (entry.isDirectory()) gone += slim(root, path);
  }
  return gone;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('node tools/slim.mjs <a node_modules folder>\n');
  process.exit(1);
}
const before = bytesOf(folder);
const gone = slim(folder);
process.stdout.write(`${folder}: ${(before / 1e6).toFixed(1)} MB, ${(gone / 1e6).toFixed(1)} MB of it taken out\n`);

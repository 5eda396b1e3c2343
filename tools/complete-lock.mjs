// A registry that does not carry every platform build (some carry linux alone) leaves
// holes in package-lock.json, and `npm ci` then refuses the lock ("Missing: @swc/core-darwin-arm64@").
// Add the holes as optional entries for their own platform: npm never fetches them on another one.
import { readFileSync, writeFileSync } from 'node:fs';
const file = process.argv[2] ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
const OS = ['darwin', 'linux', 'win32', 'android', 'freebsd', 'openharmony', 'openbsd', 'netbsd', 'sunos', 'aix'];
const CPU = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el'];
let added = 0;
for (const [path, pkg] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(pkg.optionalDependencies ?? {})) {
    const nested = `${path}/node_modules/${name}`,
      top = `node_modules/${name}`;
    if (path === '' || lock.packages[nested] || lock.packages[top]) continue;
    const words = name.split(/[^a-z0-9]+/);
    const os = OS.filter((o) => words.includes(o)),
      cpu = CPU.filter((c) => words.includes(c));
    const version = range.replace(/^[\^~]/, '');
    if (!os.length || !/^\d/.test(version)) {
      console.error(`skipped ${name}@${range}`);
      continue;
    }
    lock.packages[top] = { version, ...(cpu.length && { cpu }), ...(pkg.dev && { dev: true }), optional: true, os };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
writeFileSync(file, JSON.stringify(lock, null, 2) + '\n');
console.log(`${file}: ${added} platform entries added`);

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '..');

/** Path of a built app's main file, for tests that need it as a process; builds first when the sources are newer. */
export function builtApp(app: string): string {
  return builtApps([app])[app] as string;
}

/** The same for several apps, built once. */
export function builtApps<A extends string>(apps: readonly A[]): Record<A, string> {
  const build = spawnSync(process.execPath, [join(root, 'tools/build.mjs')], { encoding: 'utf8' });
  if (build.status !== 0) throw new Error(`the build failed: ${build.stderr}`);
  const files = apps.map((app) => [app, join(root, 'dist/apps', app, 'src/main.js')] as const);
  return Object.fromEntries(files) as Record<A, string>;
}

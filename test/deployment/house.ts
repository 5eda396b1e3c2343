import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allSettings } from '@haunt/platform';
import { GLOBAL_SOURCES, LISTING_SOURCES, fearGreed, SOURCES_BY_ID } from '@haunt/sources';

const root = join(__dirname, '../..');

export const fileOf = (path: string): string => readFileSync(join(root, path), 'utf8');

interface NestProject {
  readonly type: string;
  readonly root: string;
  readonly entryFile: string;
}

const { projects } = JSON.parse(fileOf('nest-cli.json')) as { projects: Readonly<Record<string, NestProject>> };
const applications = Object.values(projects).filter(({ type, root }) => type === 'application' && root !== 'bench');

/** The folders that a build reads. */
export const buildRooms = [...new Set(Object.values(projects).map(({ root }) => root.split('/')[0] as string))];

/** Files that the image's node may be told to run. */
export const mains: ReadonlySet<string> = new Set([
  ...applications.map(({ root, entryFile }) => `dist/${root}/src/${entryFile}.js`),
  'dist/apps/standalone/src/demo.js',
]);

/** Apps that an installation of several processes consists of: not the one that is all of them, nor the fake venues. */
export const deployed: readonly string[] = applications
  .map(({ root }) => root.replace('apps/', ''))
  .filter((app) => app !== 'standalone' && app !== 'simulator')
  .sort();

/** Every environment variable that an app looks at; DEMO_ASSETS is the demo's alone. */
export const settingNames: ReadonlySet<string> = new Set([...allSettings().map(({ env }) => env), 'DEMO_ASSETS']);

/** The name of the app whose main file a command runs, as in `node dist/apps/gateway/src/main.js`. */
export function appOf(command: readonly string[] = []): string | undefined {
  return /^dist\/apps\/([^/]+)\//.exec(command.at(-1) ?? '')?.[1];
}

/** A command problem: node, and a file that the build makes. */
export function commandProblem(command: readonly string[] = []): string | undefined {
  const [program, file, ...rest] = command;
  if (program !== 'node' || rest.length > 0) return `"${command.join(' ')}" is not node and one file`;
  return mains.has(file ?? '') ? undefined : `${file} is not the main file of an app`;
}

/** TCP ports of everything outside that ingestors and seeders ask by default. */
export function upstreamPorts(): ReadonlySet<number> {
  const all = [...Object.values(SOURCES_BY_ID), ...LISTING_SOURCES, ...GLOBAL_SOURCES, fearGreed];
  const addresses = all.flatMap(({ addresses }) => Object.values(addresses) as string[]);
  return new Set(addresses.map((address) => Number(new URL(address).port || 443)));
}

/** `1536Mi`, `1gb`, `384m` in bytes; what Redis, Docker and Kubernetes call by their several letters. */
export function bytesOf(text: string): number {
  const [, number, unit = ''] = /^(\d+)([a-z]*)$/i.exec(text) ?? [];
  const powers: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3 };
  return Number(number) * 1024 ** (unit === '' ? 0 : (powers[unit.charAt(0).toLowerCase()] ?? Number.NaN));
}

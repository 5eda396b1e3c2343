import { type Compose, compose, composeProblems, imageProblems } from './deployment/compose.js';
import { fileOf } from './deployment/house.js';
import { type KubeObject, render, schemaProblems, whyNoKubectl } from './deployment/kubernetes.js';
import { MISTAKES } from './deployment/mistakes.js';
import { fenced } from './deployment/network.js';
import { type Rule, RULES } from './deployment/rules.js';

const rules: Readonly<Record<keyof typeof MISTAKES, Rule>> = {
  valid: (objects) => objects.flatMap(schemaProblems),
  ...RULES,
  fenced,
};
const names = Object.keys(MISTAKES) as (keyof typeof MISTAKES)[];

const rendered = new Map<string, KubeObject[]>();

/** A copy that a test may break. */
function overlay(name: string): KubeObject[] {
  const objects = rendered.get(name) ?? render(name);
  rendered.set(name, objects);
  return structuredClone(objects);
}

const why = whyNoKubectl();

(why === undefined ? describe : describe.skip)(`k8s${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  describe.each(names)('%s', (name) => {
    test.each(['small', 'large'])('holds for %s', (which) => {
      expect(rules[name](overlay(which))).toEqual([]);
    });

    test.each<(typeof MISTAKES)[typeof name][number]>(MISTAKES[name])('notices %s', (_what, mistake, said) => {
      const objects = overlay('large');
      mistake(objects);
      expect(rules[name](objects)).toContainEqual(expect.stringMatching(said));
    });
  });
});

describe('docker-compose.yml', () => {
  it('keeps the rules', () => {
    expect(composeProblems(compose())).toEqual([]);
  });

  const gateway = (change: Partial<Compose['services'][string]>) => (file: Compose) => {
    Object.assign(file.services['gateway'] ?? {}, change);
  };
  const redis = (change: Partial<Compose['services'][string]>) => (file: Compose) => {
    Object.assign(file.services['redis'] ?? {}, change);
  };
  test.each<[string, (file: Compose) => void, string]>([
    ['an app that is missing', (file) => delete file.services['seeder'], 'seeder: no service'],
    ['a name misspelt', gateway({ environment: { REDIS: 'x' } }), 'gateway: REDIS is not a setting'],
    [
      'a value that is not allowed',
      gateway({ environment: { PARTITIONS: '${PARTITIONS:-0}' } }),
      'gateway: PARTITIONS: "0"',
    ],
    ['no Redis', gateway({ environment: {} }), 'gateway: has no Redis'],
    ['the wrong app', gateway({ command: ['node', 'dist/apps/seeder/src/main.js'] }), 'gateway: runs seeder'],
    [
      'no such app',
      gateway({ command: ['node', 'dist/main.js'] }),
      'gateway: dist/main.js is not the main file of an app',
    ],
    ['too little time', gateway({ stop_grace_period: '10s' }), 'gateway: is killed before it has ended'],
    ['a file system to write to', gateway({ read_only: false }), 'gateway: may write'],
    ['capabilities', gateway({ cap_drop: [] }), 'gateway: has capabilities'],
    ['privileges', gateway({ security_opt: [] }), 'gateway: may gain privileges'],
    ['no restart', gateway({ restart: 'no' }), 'gateway: stays away'],
    ['no health check', gateway({ healthcheck: undefined }), 'gateway: nobody asks'],
    ['no limit', gateway({ mem_limit: undefined }), 'gateway: may take all memory'],
    ['a start before Redis', gateway({ depends_on: {} }), 'gateway: does not wait'],
    ['Redis for everybody', redis({ networks: ['bus', 'world'] }), 'redis: reachable'],
    ['Redis at a port', redis({ ports: ['6379:6379'] }), 'redis: listens to the world'],
    ['Redis as root', redis({ user: undefined }), 'redis: may be root'],
    ['Redis that evicts', redis({ command: 'redis-server --appendonly yes --maxmemory 1gb' }), 'redis: may evict'],
    ['Redis that is cut off', redis({ mem_limit: '1g' }), 'redis: its container is no larger'],
    ['Redis of any version', redis({ image: 'redis:latest' }), 'redis: its image'],
    ['data that is nowhere', redis({ volumes: ['data:/data'] }), 'redis: keeps its data nowhere'],
  ])('notices %s', (_what, mistake, said) => {
    const file = compose();
    mistake(file);
    expect(composeProblems(file)).toContainEqual(expect.stringContaining(said));
  });
});

describe('Dockerfile', () => {
  it('keeps the rules', () => {
    expect(imageProblems(fileOf('Dockerfile'), fileOf('.dockerignore'))).toEqual([]);
  });

  test.each([
    ['root', 'USER 1000:1000', 'USER root', 'the user is not a number'],
    ['any Node', 'node:24-', 'node:', 'the base image has no major version'],
    ['a command that is not there', 'standalone/src/main.js', 'standalone/main.js', 'is not the main file'],
    [
      'sources before packages',
      'COPY package.json package-lock.json ./\nRUN npm ci --ignore',
      'COPY . .\nRUN npm ci --ignore',
      'installs everything anew',
    ],
  ])('notices %s', (_what, good, bad, said) => {
    const file = fileOf('Dockerfile');
    expect(file).toContain(good);
    expect(imageProblems(file.replace(good, bad), fileOf('.dockerignore'))).toContainEqual(
      expect.stringContaining(said),
    );
  });

  it('notices a room that the build is not given', () => {
    const ignored = fileOf('.dockerignore').replace('!libs\n', '');
    expect(imageProblems(fileOf('Dockerfile'), ignored)).toEqual(['the build needs libs']);
  });
});

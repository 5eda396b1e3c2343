import { SOURCE_IDS, SOURCES } from '@haunt/domain';
import { describeMetrics, METRICS, readConfig, type RunningApp, silentLog, startApp } from '@haunt/platform';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { configureGateway, gatewayAdapter } from '../../gateway/src/configure.js';
import { StandaloneModule } from './standalone.module.js';

const root = join(__dirname, '../../..');
const ops = (file: string): string => readFileSync(join(root, 'ops', file), 'utf8');

/** What PromQL calls itself: functions, aggregations and modifiers that the files use. */
const WORDS = new Set(
  (
    'sum max min count avg rate increase changes deriv histogram_quantile time absent vector min_over_time ' +
    'by on and or unless group_left le'
  ).split(' '),
);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: { readonly summary?: string; readonly description?: string };
}

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[];
}

const rules = (parse(ops('prometheus/haunt.rules.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const panels = (JSON.parse(ops('grafana/haunt.json')) as { panels: Panel[] }).panels;
const queries: readonly (readonly [where: string, expr: string])[] = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
];

let running: RunningApp;
let folder = '';
let page = '';
/** Names of the samples there can be, with the labels that each may have. */
const samples = new Map<string, ReadonlySet<string>>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'haunt-test-'));
  const nowhere: Record<string, string> = { FEARGREED_REST_URL: 'http://127.0.0.1:1' };
  for (const id of SOURCE_IDS) {
    nowhere[`${id.toUpperCase()}_REST_URL`] = 'http://127.0.0.1:1';
    if (SOURCES[id].feed === 'stream') nowhere[`${id.toUpperCase()}_WS_URL`] = 'ws://127.0.0.1:1';
  }
  const config = readConfig({ PORT: '0', DATA_DIR: folder, SYMBOLS: 'btc', ...nowhere });
  running = await startApp((given) => StandaloneModule.for(given), config, {
    name: 'haunt',
    listen: 'gateway',
    configure: configureGateway,
    adapter: gatewayAdapter,
    log: () => silentLog,
  });
  page = await (await fetch(`${running.url}/metrics`)).text();
  const labelsOf = new Map(Object.entries(METRICS).map(([name, { labels }]) => [`haunt_${name}`, labels]));
  for (const [, name = '', type] of page.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    const labels = new Set<string>([...(labelsOf.get(name) ?? []), 'job', 'instance']);
    const ends = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const end of ends) samples.set(name + end, end === '_bucket' ? new Set([...labels, 'le']) : labels);
  }
  // What is only there with Redis, and what Prometheus adds itself.
  samples.set('haunt_redis_connected', new Set(['connection', 'job', 'instance']));
}, 30_000);

afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true, force: true });
});

test('one process that does everything has every metric of the table on one page, each once', () => {
  const described = [...page.matchAll(/^# HELP (\S+) /gm)].map(([, name]) => name ?? '');
  expect(new Set(described).size).toBe(described.length);
  const expected = Object.keys(METRICS).filter((name) => name !== 'redis_connected');
  const ours = described.filter((name) => name.startsWith('haunt_'));
  expect(ours.toSorted()).toEqual(expected.map((name) => `haunt_${name}`).toSorted());
  const series = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const names = series.map((line) => line.slice(0, line.lastIndexOf(' ')));
  expect(new Set(names).size).toBe(names.length);
});

test('names are as Prometheus wants them', () => {
  for (const [name, { kind, help }] of Object.entries(METRICS)) {
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter']);
    if (kind === 'histogram') expect(name).toMatch(/_(seconds|bytes)$/);
    expect(help).toMatch(/\.$/);
  }
});

test('docs/METRICS.md says what the table says', () => {
  expect(readFileSync(join(root, 'docs/METRICS.md'), 'utf8')).toBe(describeMetrics());
});

test('every alert says how bad it is, what is wrong, and what to do', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, labels, annotations, for: lasting } of rules) {
    expect(alert).toMatch(/^Haunt[A-Z]/);
    expect([alert, labels?.severity]).toEqual([alert, expect.stringMatching(/^(critical|warning)$/)]);
    expect([alert, lasting]).toEqual([alert, expect.stringMatching(/^\d+[smh]$/)]);
    expect(annotations?.summary?.length).toBeGreaterThan(10);
    expect(annotations?.description?.length).toBeGreaterThan(40);
  }
});

test('alerts and dashboard ask only for metrics and labels that there are', () => {
  expect(queries.length).toBeGreaterThan(80);
  for (const [where, expr] of queries) {
    const bare = expr.replace(/"(\\.|[^"\\])*"/g, '""');
    const names = [...bare.matchAll(/\b((?:haunt|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)];
    expect([where, names.length > 0]).toEqual([where, true]);
    const known = new Set<string>();
    for (const [, name = '', matchers = ''] of names) {
      const labels = samples.get(name);
      expect([where, name, labels !== undefined]).toEqual([where, name, true]);
      for (const label of labels ?? []) known.add(label);
      for (const [, label = ''] of matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) {
        expect([where, name, label, labels?.has(label)]).toEqual([where, name, label, true]);
      }
    }
    for (const [, list = ''] of bare.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)) {
      for (const label of list.split(',').map((one) => one.trim())) {
        if (label !== '') expect([where, label, known.has(label)]).toEqual([where, label, true]);
      }
    }
  }
});

test('and say it in PromQL', () => {
  for (const [where, expr] of queries) {
    const bare = expr.replace(/"(\\.|[^"\\])*"/g, '""');
    let open = '';
    for (const sign of bare) {
      if ('([{'.includes(sign)) open += sign;
      else if (')]}'.includes(sign)) {
        expect([where, open.at(-1)]).toEqual([where, { ')': '(', ']': '[', '}': '{' }[sign]]);
        open = open.slice(0, -1);
      }
    }
    expect([where, open]).toEqual([where, '']);
    const words = bare.replace(/\{[^}]*\}|\[[^\]]*\]|\([\w, ]*\)/g, ' ').match(/[a-z_]\w*/g) ?? [];
    for (const word of words) {
      if (!/^(haunt|process|nodejs)_/.test(word)) expect([where, word, WORDS.has(word)]).toEqual([where, word, true]);
    }
  }
});

test('legends name labels that their query keeps, and no panel lies on another', () => {
  const taken = new Set<string>();
  for (const { title, targets = [], gridPos, type } of panels) {
    for (const { expr, legendFormat = '' } of targets) {
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        const kept = [...expr.matchAll(/\b(?:by|on) ?\(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/, ?/));
        const whole = !/\b(sum|max|min|count)\b/.test(expr);
        expect([title, label, whole || kept.includes(label)]).toEqual([title, label, true]);
      }
    }
    const { x, y, w, h } = gridPos;
    expect([title, x + w <= 24]).toEqual([title, true]);
    for (let column = x; column < x + w; column++) {
      for (let line = y; line < y + h; line++) {
        expect([title, taken.has(`${column} ${line}`)]).toEqual([title, false]);
        taken.add(`${column} ${line}`);
      }
    }
    if (type !== 'row') expect([title, targets.length > 0]).toEqual([title, true]);
  }
});

const promtool = spawnSync('promtool', ['--version']).status === 0 ? test : test.skip;
promtool('the rules do what they should, says promtool (skipped where it is not installed)', () => {
  for (const command of [
    ['check', 'config', 'prometheus.yml'],
    ['test', 'rules', 'haunt.rules.test.yml'],
  ]) {
    const { status, stdout, stderr } = spawnSync('promtool', command, {
      cwd: join(root, 'ops/prometheus'),
      encoding: 'utf8',
    });
    expect(`${stdout}${stderr}`).toContain('SUCCESS');
    expect(status).toBe(0);
  }
});

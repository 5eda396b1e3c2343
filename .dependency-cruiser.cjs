/** Who may import whom. The picture is in ARCHITECTURE.md; a change here is a change of the house. */
const lib = (name) => `^libs/${name}/`;
const only = (from, ...allowed) => ({
  name: `${from}-imports`,
  comment: `libs/${from} may import ${allowed.length ? allowed.join(', ') : 'no other room'}`,
  severity: 'error',
  from: { path: lib(from), pathNot: '\\.(spec|contract)\\.ts$' },
  to: { path: '^(libs|apps|test|bench)/', pathNot: [lib(from), ...allowed.map(lib)] },
});

module.exports = {
  forbidden: [
    only('domain'),
    only('contracts', 'domain'),
    only('sources', 'domain'),
    only('client', 'domain', 'contracts'),
    {
      name: 'client-runs-in-browsers',
      comment: 'bundled into pages: nothing of Node, and of others only socket.io-client',
      severity: 'error',
      from: { path: '^libs/client/src/', pathNot: '\\.spec\\.ts$' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: 'node_modules/socket\\.io-client/',
      },
    },
    only('storage', 'domain'),
    only('bus', 'domain', 'contracts'),
    only('platform', 'domain', 'contracts', 'bus', 'storage', 'sources'),
    only('ingest', 'domain', 'contracts', 'bus', 'storage', 'sources', 'platform'),
    only('simulator', 'domain', 'sources'),
    {
      name: 'pure-rooms',
      comment: 'domain, contracts and sources know neither Nest nor sockets nor files',
      severity: 'error',
      from: { path: '^libs/(domain|contracts|sources)/', pathNot: '\\.(spec|contract)\\.ts$' },
      to: { path: '(node_modules/(@nestjs|ws|ioredis|socket\\.io)|^(fs|net|http|https|timers|child_process))(/|$)' },
    },
    {
      name: 'redis-behind-ports',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['^libs/bus/src/redis/', '^libs/storage/src/redis', '\\.spec\\.ts$'] },
      to: { path: 'node_modules/ioredis/' },
    },
    {
      name: 'apps-do-not-import-apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/standalone/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'dashboard-imports',
      comment: 'the page runs in a browser: the nouns, the contracts, the client, and nothing of the server',
      severity: 'error',
      from: { path: '^apps/dashboard/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '^(libs|apps|test|bench)/',
        pathNot: ['^apps/dashboard/', ...['domain', 'contracts', 'client'].map(lib)],
      },
    },
    {
      name: 'libs-do-not-import-apps',
      severity: 'error',
      from: { path: '^libs/', pathNot: '\\.(spec|contract)\\.ts$' },
      to: { path: '^(apps|test|bench)/' },
    },
    {
      name: 'simulator-stays-outside',
      comment: 'only the demo, the simulator app, tests and benches may make prices up',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['^apps/(standalone|simulator)/', '^libs/simulator/', '\\.spec\\.ts$'] },
      to: { path: lib('simulator') },
    },
    {
      name: 'not-through-the-own-index',
      severity: 'error',
      from: { path: '^libs/([^/]+)/src/(?!index\\.ts)' },
      to: { path: '^libs/$1/src/index\\.ts$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
      conditionNames: ['require', 'node', 'default'],
    },
    moduleSystems: ['cjs', 'es6'],
  },
};

import { SOURCE_IDS } from '@haunt/domain';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeSettings } from './describe-settings.js';
import { readConfig, secretsOf } from './read-config.js';
import { allSettings, ConfigError } from './settings.js';

function problemOf(env: NodeJS.ProcessEnv): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('readConfig', () => {
  test('nothing set: one machine, no Redis, every source', () => {
    expect(readConfig({})).toEqual({
      port: 3001,
      host: '127.0.0.1',
      healthPort: 0,
      redisUrl: undefined,
      dataDir: './data',
      logLevel: 'info',
      symbols: undefined,
      sources: SOURCE_IDS,
      partitions: 1,
      apiToken: undefined,
      corsOrigins: '*',
      simulated: false,
      addresses: {},
      keys: {},
      connectionsPerAddress: 10_000,
      connectionsMax: 20_000,
      trustedProxies: [],
      assetsPerClient: 1_000,
      drainMs: 0,
      shutdownMs: 10_000,
      traceShare: 0.01,
    });
  });

  test('an empty variable counts as unset: compose files pass them on so', () => {
    const empty = Object.fromEntries(allSettings().map(({ env }) => [env, '  ']));
    expect(readConfig(empty)).toEqual(readConfig({}));
  });

  test('what is given is taken', () => {
    const config = readConfig({
      PORT: '0',
      HOST: '::1',
      REDIS_URL: 'redis://:pass%40word@redis:6379/1',
      SYMBOLS: 'BTC, eth,btc,$wif',
      SOURCES: 'Kraken,okx',
      LOG_LEVEL: 'WARN',
      PARTITIONS: '64',
      CORS_ORIGINS: 'https://a.example,http://localhost:5173/',
      SIMULATED: 'true',
      TRUSTED_PROXIES: '10.0.0.0/8, 192.0.2.7,2001:db8::/32',
      OKX_WS_URL: 'ws://127.0.0.1:9/ws/',
      KRAKEN_REST_URL: 'http://127.0.0.1:9/',
      COINGECKO_API_KEY: 'CG-key',
      API_TOKEN: 'open sesame'.replace(' ', '-'),
    });
    expect(config).toMatchObject({
      port: 0,
      host: '::1',
      symbols: ['btc', 'eth', '$wif'],
      sources: ['kraken', 'okx'],
      logLevel: 'warn',
      partitions: 64,
      corsOrigins: ['https://a.example', 'http://localhost:5173'],
      simulated: true,
      trustedProxies: ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'],
      addresses: { okx: { ws: 'ws://127.0.0.1:9/ws' }, kraken: { rest: 'http://127.0.0.1:9' } },
      keys: { coingecko: 'CG-key' },
    });
    expect(secretsOf(config)).toEqual(['open-sesame', 'CG-key', 'pass%40word', 'pass@word']);
  });

  const bad: Readonly<Record<string, readonly string[]>> = {
    PORT: ['65536', '-1', '3001x', '1e3', 'http', '0x10', '3001.5'],
    HEALTH_PORT: ['99999', 'no'],
    HOST: ['not a host', 'http://x', '127.0.0.1:80'],
    REDIS_URL: ['127.0.0.1:6379', 'http://127.0.0.1', 'redis://'],
    DATA_DIR: ['a\0b'],
    LOG_LEVEL: ['verbose'],
    SYMBOLS: ['btc,,eth', ',', 'btc,', 'btc usd', 'btc/usd', 'a'.repeat(21)],
    SOURCES: ['coinbase,ftx', 'toString', 'kraken,'],
    PARTITIONS: ['0', '65', 'many'],
    API_TOKEN: ['two words', 'naïve'],
    CORS_ORIGINS: ['example.org', 'https://a.example/path', 'ftp://x', '*,https://x'],
    SIMULATED: ['yes', '2'],
    CONNECTIONS_PER_ADDRESS: ['0', '-5'],
    CONNECTIONS_MAX: ['0', 'x'],
    TRUSTED_PROXIES: [
      'proxy.example',
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '::/129',
      '10.0.0.0-10.0.0.9',
      'true',
    ],
    ASSETS_PER_CLIENT: ['0', '1.5'],
    REPLICA_INDEX: ['-1', '64', 'haunt-aggregator-1'],
    REPLICAS: ['0', '65', '2.5'],
    DRAIN_MS: ['-1', '5s'],
    SHUTDOWN_MS: ['0', '10s'],
  };

  test.each(Object.entries(bad))('%s: a bad value is named with what is allowed', (env, values) => {
    for (const value of values) {
      const { allowed, secret } = allSettings().find((setting) => setting.env === env) ?? { allowed: 'nothing' };
      const quoted = secret === true ? 'the value given (not shown)' : JSON.stringify(value);
      expect(problemOf({ [env]: value })).toBe(`${env}: ${quoted} is not allowed; allowed is ${allowed}`);
    }
  });

  test('every variable of every source refuses what it is not', () => {
    const perSource = allSettings().filter(({ env }) => !(env in bad));
    expect(perSource.map(({ env }) => env)).toContain('HUOBI_WS_URL');
    expect(perSource.map(({ env }) => env)).not.toContain('KRAKEN_WS_URL');
    for (const { env } of perSource) {
      const value = env.endsWith('_WS_URL') ? 'https://x' : env.endsWith('_REST_URL') ? 'wss://x' : 'a key';
      expect(problemOf({ [env]: value })).toMatch(new RegExp(`^${env}: .* is not allowed; allowed is `));
    }
  });

  test('an ordinal and the number of replicas go together', () => {
    expect(readConfig({ REPLICA_INDEX: '2', REPLICAS: '3' })).toMatchObject({ replicaIndex: 2, replicas: 3 });
    expect(problemOf({ REPLICA_INDEX: '1' })).toBe(
      'REPLICA_INDEX: "1" is not allowed without REPLICAS; set both or neither',
    );
    expect(problemOf({ REPLICAS: '2', REPLICA_INDEX: ' ' })).toBe(
      'REPLICAS: "2" is not allowed without REPLICA_INDEX; set both or neither',
    );
    expect(problemOf({ REPLICA_INDEX: '2', REPLICAS: '2' })).toBe(
      'REPLICA_INDEX: "2" is not allowed with REPLICAS 2; allowed is a whole number, 0 to 1',
    );
  });

  test('everything that is wrong is said at once, on one line', () => {
    const problem = problemOf({ PORT: 'x\ny', PARTITIONS: '99', SOURCES: 'ftx' });
    expect(problem).toMatch(/^PORT: "x\\ny" .*; SOURCES: "ftx" .*; PARTITIONS: "99" /);
    expect(problem).not.toContain('\n');
  });

  test('a secret is in no error: not a key, not a password in a URL', () => {
    const problem = problemOf({
      COINGECKO_API_KEY: 'hunter2 hunter2',
      API_TOKEN: 'hunter2 hunter2',
      REDIS_URL: 'http://user:hunter2@redis',
      OKX_WS_URL: 'http://user:hunter2@proxy',
    });
    expect(problem).toContain('REDIS_URL: "http://***@redis"');
    expect(problem).not.toContain('hunter2');
  });
});

test('docs/CONFIG.md says what the table says', () => {
  const file = join(__dirname, '../../../docs/CONFIG.md');
  const hint = 'npm run build && node tools/docs.mjs';
  expect(existsSync(file) ? readFileSync(file, 'utf8') : hint).toBe(describeSettings());
});

import { SOURCE_IDS } from '@haunt/domain';
import type { Config } from './config.js';
import { ConfigError, SETTINGS, type Setting, sourceSettings } from './settings.js';

const QUOTED_LENGTH = 80;

/** A value as an error may show it: without secrets, without passwords in URLs, on one line, not endless. */
function shown(setting: Setting<unknown>, value: string): string {
  if (setting.secret === true) return 'the value given (not shown)';
  const censored = value.replace(/\/\/[^/@]*@/, '//***@');
  return JSON.stringify(censored.length > QUOTED_LENGTH ? `${censored.slice(0, QUOTED_LENGTH)}...` : censored);
}

/**
 * Reads every setting. An empty variable counts as unset.
 * @throws ConfigError that names every variable that is wrong, its value (secrets censored) and what is allowed.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const problems: string[] = [];

  function optional<T>(setting: Setting<T>): T | undefined {
    const given = env[setting.env]?.trim() ?? '';
    const text = given === '' ? setting.fallback : given;
    if (text === undefined) return undefined;
    const value = setting.parse(text);
    if (value === undefined)
      problems.push(`${setting.env}: ${shown(setting, text)} is not allowed; allowed is ${setting.allowed}`);
    return value;
  }
  /** What it gives after a problem is never seen: the problem is thrown. */
  const required = <T>(setting: Setting<T>): T => optional(setting) as T;

  const config: Config = {
    port: required(SETTINGS.port),
    host: required(SETTINGS.host),
    healthPort: required(SETTINGS.healthPort),
    redisUrl: optional(SETTINGS.redisUrl),
    dataDir: required(SETTINGS.dataDir),
    logLevel: required(SETTINGS.logLevel),
    symbols: optional(SETTINGS.symbols),
    sources: required(SETTINGS.sources),
    partitions: required(SETTINGS.partitions),
    replicaIndex: optional(SETTINGS.replicaIndex),
    replicas: optional(SETTINGS.replicas),
    apiToken: optional(SETTINGS.apiToken),
    corsOrigins: required(SETTINGS.corsOrigins),
    simulated: required(SETTINGS.simulated),
    connectionsPerAddress: required(SETTINGS.connectionsPerAddress),
    connectionsMax: required(SETTINGS.connectionsMax),
    trustedProxies: optional(SETTINGS.trustedProxies) ?? [],
    assetsPerClient: required(SETTINGS.assetsPerClient),
    drainMs: required(SETTINGS.drainMs),
    shutdownMs: required(SETTINGS.shutdownMs),
    fearGreedRestUrl: optional(SETTINGS.fearGreedRestUrl),
    otlpEndpoint: optional(SETTINGS.otlpEndpoint),
    traceShare: required(SETTINGS.traceShare),
    addresses: {},
    keys: {},
  };

  const addresses: { -readonly [K in keyof Config['addresses']]: Config['addresses'][K] } = {};
  const keys: { -readonly [K in keyof Config['keys']]: Config['keys'][K] } = {};
  for (const id of SOURCE_IDS) {
    const settings = sourceSettings(id);
    const ws = settings.ws && optional(settings.ws);
    const rest = optional(settings.rest);
    const key = settings.key && optional(settings.key);
    if (ws !== undefined || rest !== undefined) {
      addresses[id] = { ...(ws !== undefined && { ws }), ...(rest !== undefined && { rest }) };
    }
    if (key !== undefined) keys[id] = key;
  }
  const ordinal = ordinalProblem(env, config);
  if (ordinal !== undefined && problems.length === 0) problems.push(ordinal);
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...config, addresses, keys };
}

/** What is wrong with the two of them together, each being allowed by itself. */
function ordinalProblem(env: NodeJS.ProcessEnv, { replicaIndex, replicas }: Config): string | undefined {
  const { replicaIndex: index, replicas: count } = SETTINGS;
  if ((replicaIndex === undefined) !== (replicas === undefined)) {
    const [given, missing] = replicas === undefined ? [index, count] : [count, index];
    return `${given.env}: ${shown(given, env[given.env] ?? '')} is not allowed without ${missing.env}; set both or neither`;
  }
  if (replicaIndex === undefined || replicas === undefined || replicaIndex < replicas) return undefined;
  return `${index.env}: "${replicaIndex}" is not allowed with ${count.env} ${replicas}; allowed is a whole number, 0 to ${replicas - 1}`;
}

/** What must not be seen in a log: tokens, keys, and the password of Redis. */
export function secretsOf(config: Config): readonly string[] {
  const password = config.redisUrl === undefined ? '' : new URL(config.redisUrl).password;
  return [config.apiToken, ...Object.values(config.keys), password, decodeURIComponent(password)].filter(
    (secret): secret is string => secret !== undefined && secret.length >= 4,
  );
}

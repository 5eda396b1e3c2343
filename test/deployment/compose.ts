import { readConfig } from '@haunt/platform';
import { parse } from 'yaml';
import { appOf, bytesOf, buildRooms, commandProblem, deployed, fileOf, settingNames } from './house.js';

export interface Service {
  image?: string;
  build?: string;
  command?: string | string[];
  profiles?: string[];
  user?: string;
  restart?: string;
  read_only?: boolean;
  privileged?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  mem_limit?: string;
  stop_grace_period?: string;
  environment?: Record<string, string | number>;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  networks?: string[];
  ports?: string[];
  volumes?: string[];
}

export interface Compose {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
  volumes: Record<string, unknown>;
}

export const compose = (): Compose => parse(fileOf('docker-compose.yml'), { merge: true }) as Compose;

/** As compose fills in `${NAME:-what applies otherwise}`, with nothing set. */
function filledIn(environment: Readonly<Record<string, string | number>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, String(value).replace(/\$\{\w+:-([^}]*)\}/g, '$1')]),
  );
}

function appProblems(name: string, service: Service): (string | false | undefined)[] {
  const env = filledIn(service.environment);
  const unknown = Object.keys(env).filter((variable) => !settingNames.has(variable));
  const command = Array.isArray(service.command) ? service.command : [service.command ?? ''];
  const problems: (string | false | undefined)[] = [
    commandProblem(command),
    service.profiles === undefined && appOf(command) !== name && `runs ${appOf(command)}`,
    service.image?.includes(':') !== true || service.build !== '.' ? 'is not the image that is built here' : false,
    ...unknown.map((variable) => `${variable} is not a setting`),
  ];
  try {
    const { redisUrl, shutdownMs, drainMs } = readConfig(env);
    const graceMs = Number(/^(\d+)s$/.exec(service.stop_grace_period ?? '')?.[1]) * 1000;
    const wants = new URL(redisUrl ?? 'redis://nobody').hostname;
    return [
      ...problems,
      !(graceMs >= shutdownMs + drainMs + 5_000) && 'is killed before it has ended',
      service.profiles === undefined && wants !== 'redis' && 'has no Redis',
      service.profiles === undefined &&
        service.depends_on?.['redis']?.condition !== 'service_healthy' &&
        'does not wait for Redis',
    ];
  } catch (error) {
    return [...problems, error instanceof Error ? error.message : String(error)];
  }
}

/** What breaks a rule of the house in docker-compose.yml. */
export function composeProblems({ services, networks, volumes }: Compose): string[] {
  const named = Object.entries(services);
  const everywhere = named.flatMap(([name, service]) => {
    const ours = service.image?.startsWith('haunt:') === true;
    const [, file = ''] = service.volumes?.[0]?.split(':') ?? [];
    return [
      ...(ours ? appProblems(name, service) : []),
      service.read_only !== true && 'may write to its root file system',
      service.cap_drop?.join() !== 'ALL' && 'has capabilities',
      (service.cap_add !== undefined || service.privileged === true) && 'has more capabilities',
      service.security_opt?.includes('no-new-privileges:true') !== true && 'may gain privileges',
      !ours && !/^[1-9]\d*:/.test(service.user ?? '') && 'may be root',
      service.restart !== 'unless-stopped' && 'stays away when it dies',
      service.healthcheck === undefined && 'nobody asks how it is',
      !(bytesOf(service.mem_limit ?? '') > 0) && 'may take all memory',
      !/:[\w.-]*\d/.test(service.image ?? '') && `its image ${service.image} has no version`,
      (service.networks ?? []).some((network) => !(network in networks)) && 'is on a network that is not there',
      file !== '' && !((service.volumes?.[0]?.split(':')[0] ?? '') in volumes) && 'keeps its data nowhere',
      service.ports !== undefined && name !== 'gateway' && service.profiles === undefined && 'listens to the world',
    ].flatMap((problem) => (typeof problem === 'string' ? [`${name}: ${problem}`] : []));
  });
  const redis = services['redis'];
  const memory = /--maxmemory (\w+)/.exec(String(redis?.command))?.[1] ?? '';
  return [
    ...everywhere,
    ...deployed.filter((app) => !(app in services)).map((app) => `${app}: no service`),
    ...(/--maxmemory-policy noeviction/.test(String(redis?.command)) ? [] : ['redis: may evict']),
    ...(/--appendonly yes/.test(String(redis?.command)) ? [] : ['redis: forgets']),
    ...(bytesOf(memory) < bytesOf(redis?.mem_limit ?? '')
      ? []
      : ['redis: its container is no larger than what it keeps']),
    ...(redis?.networks?.every((network) => networks[network]?.internal === true) === true ? [] : ['redis: reachable']),
  ];
}

/** What breaks a rule of the house in the Dockerfile or .dockerignore. */
export function imageProblems(dockerfile: string, ignored: string): string[] {
  const lines = dockerfile.split('\n').filter((line) => /^[A-Z]+ /.test(line));
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  const user = last.findLast((line) => line.startsWith('USER '))?.slice('USER '.length) ?? '';
  const command = /^CMD (\[.*\])$/.exec(last.findLast((line) => line.startsWith('CMD ')) ?? '')?.[1] ?? '[]';
  const allowed = ignored.split('\n').flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  return [
    !/^ARG NODE=node:\d+-[\w-]+$/m.test(dockerfile) && 'the base image has no major version',
    lines.some((line) => line.startsWith('FROM ') && !line.startsWith('FROM ${NODE}')) && 'another base image',
    !/^[1-9]\d*:[1-9]\d*$/.test(user) && 'the user is not a number other than root',
    commandProblem(JSON.parse(command) as string[]) ?? false,
    /^COPY \. [^]*^RUN npm ci/m.test(dockerfile) && 'an edit of a source installs everything anew',
    ...[...buildRooms, 'package-lock.json', 'tools', 'nest-cli.json', 'tsconfig.json', '.swcrc']
      .filter((name) => !allowed.includes(name))
      .map((name) => `the build needs ${name}`),
  ].flatMap((problem) => (typeof problem === 'string' ? [problem] : []));
}

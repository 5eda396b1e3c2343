import { readConfig } from '@haunt/platform';
import { appOf, bytesOf, commandProblem, deployed, settingNames } from './house.js';
import type { KubeObject } from './kubernetes.js';
import {
  type Backend,
  type Container,
  containersOf,
  eachContainer,
  isOurs,
  labelsOf,
  OTHER_WORKLOADS,
  type Probe,
  type Selector,
  selects,
  specsOf,
  type Workload,
  workloadsIn,
} from './workloads.js';

/** Looks at everything that an overlay renders and says what breaks a rule of the house. */
export type Rule = (objects: readonly KubeObject[]) => string[];

/** Values that only the cluster knows, as an app could meet them. */
const FROM_CLUSTER: Readonly<Record<string, string>> = {
  "metadata.labels['apps.kubernetes.io/pod-index']": '0',
};
const FROM_SECRET: Readonly<Record<string, string>> = { REDIS_URL: 'rediss://:secret@redis.example.org:6380' };

/** The environment of a container; a variable that leads nowhere is a problem. */
function environmentOf(
  container: Container,
  objects: readonly KubeObject[],
): { env: NodeJS.ProcessEnv; lost: string[] } {
  const env: NodeJS.ProcessEnv = {};
  const lost: string[] = [];
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    const config = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef?.name);
    if (secretRef !== undefined) lost.push(`all of Secret ${secretRef.name}: only the keys that are needed`);
    else if (config === undefined) lost.push(`ConfigMap ${configMapRef?.name}, which there is not`);
    Object.assign(env, config?.data);
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const { secretKeyRef, fieldRef } = valueFrom ?? {};
    if (secretKeyRef !== undefined) env[name] = FROM_SECRET[secretKeyRef.key] ?? 'secret';
    else if (fieldRef === undefined) env[name] = value;
    else if (fieldRef.fieldPath in FROM_CLUSTER) env[name] = FROM_CLUSTER[fieldRef.fieldPath];
    else lost.push(`${name} from ${fieldRef.fieldPath}, which nobody knows here`);
  }
  return { env, lost };
}

function portOf(container: Container, port: string | number): number | undefined {
  return container.ports?.find(({ name, containerPort }) => name === port || containerPort === port)?.containerPort;
}

function probeProblem(container: Container, kind: string, path: string, probe: Probe | undefined): string | undefined {
  if (probe === undefined) return `no ${kind}Probe`;
  const port = probe.httpGet?.port ?? probe.tcpSocket?.port;
  if (port !== undefined && portOf(container, port) === undefined) return `its ${kind}Probe asks port ${port}`;
  if (isOurs(container) && probe.httpGet?.path !== path) return `its ${kind}Probe does not ask ${path}`;
  return undefined;
}

const harmless: Rule = (objects) => [
  ...objects
    .filter(({ kind }) => OTHER_WORKLOADS.includes(kind))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}: only Deployments and StatefulSets are looked at here`),
  ...eachContainer(objects, (container, workload) => {
    const pod = workload.spec.template.spec;
    const { runAsNonRoot, runAsUser = 0, seccompProfile } = pod.securityContext ?? {};
    const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = container.securityContext ?? {};
    return [
      (runAsNonRoot !== true || runAsUser < 1) && 'may be root',
      seccompProfile?.type !== 'RuntimeDefault' && 'no seccomp profile',
      allowPrivilegeEscalation !== false && 'may gain privileges',
      readOnlyRootFilesystem !== true && 'may write to its root file system',
      (capabilities?.drop?.join() !== 'ALL' || capabilities.add !== undefined) && 'has capabilities',
      pod.automountServiceAccountToken !== false && 'has a token for the cluster',
      pod.volumes?.some(({ hostPath }) => hostPath !== undefined) === true && 'sees the file system of its node',
      !/:[\w.-]*\d[\w.-]*$/.test(container.image) && `its image ${container.image} has no version`,
    ];
  }),
];

const measured: Rule = (objects) =>
  eachContainer(objects, ({ resources }) => {
    const { requests = {}, limits = {} } = resources ?? {};
    const memory = bytesOf(limits['memory'] ?? '');
    return [
      (requests['cpu'] === undefined || requests['memory'] === undefined) && 'does not say what it needs',
      !(memory > 0) && 'no memory limit',
      bytesOf(requests['memory'] ?? '') > memory && 'needs more memory than it may have',
      // A process that is throttled answers late without anybody knowing why.
      limits['cpu'] !== undefined && 'has a CPU limit',
    ];
  });

const probed: Rule = (objects) =>
  eachContainer(objects, (container) => [
    probeProblem(container, 'startup', '/health/live', container.startupProbe),
    probeProblem(container, 'readiness', '/health/ready', container.readinessProbe),
    probeProblem(container, 'liveness', '/health/live', container.livenessProbe),
  ]);

const runsApps: Rule = (objects) => {
  const apps = workloadsIn(objects).flatMap((workload) => containersOf(workload).map(({ args }) => appOf(args)));
  return [
    ...eachContainer(objects, ({ args }, _workload, ours) => [ours && commandProblem(args)]),
    ...deployed
      .filter((app) => apps.filter((other) => other === app).length !== 1)
      .map((app) => `${app}: there must be one workload of it`),
  ];
};

const configured: Rule = (objects) =>
  eachContainer(objects, (container, workload, ours) => {
    if (!ours) return [];
    const { env, lost } = environmentOf(container, objects);
    const unknown = Object.keys(env).filter((name) => !settingNames.has(name));
    const { replicas = 1, template } = workload.spec;
    try {
      const config = readConfig(env);
      const port = appOf(container.args) === 'gateway' ? config.port : config.healthPort;
      const needsMs = config.drainMs + config.shutdownMs;
      const graceMs = (template.spec.terminationGracePeriodSeconds ?? 30) * 1000;
      return [
        ...lost.map((what) => `its environment has ${what}`),
        ...unknown.map((name) => `${name} is not a setting`),
        config.redisUrl === undefined && 'REDIS_URL is not set, and it would be alone',
        portOf(container, port) === undefined && `it listens on ${port}, which is not among its ports`,
        graceMs < needsMs + 5_000 && `it is killed after ${graceMs} ms, and may need ${needsMs} ms to end`,
        config.replicas !== undefined && config.replicas !== replicas && `REPLICAS is not ${replicas}`,
        config.replicas !== undefined &&
          config.partitions < replicas &&
          `${replicas} share ${config.partitions} partitions`,
      ];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });

const oneOfEach: Rule = (objects) =>
  workloadsIn(objects)
    .filter(({ metadata }) => metadata.name.startsWith('ingestor-'))
    .filter(({ spec }) => (spec.replicas ?? 1) !== 1 || spec.strategy?.type !== 'Recreate')
    .map(({ metadata }) => `${metadata.name}: two of it would deliver every trade twice`);

const selecting: Rule = (objects) => {
  const workloads = workloadsIn(objects);
  const pods = workloads.map(labelsOf);
  const services = specsOf(objects, 'Service');
  const budgets = specsOf(objects, 'PodDisruptionBudget');
  const number = (selector: Selector): number => pods.filter((labels) => selects(selector, labels)).length;
  return [
    ...workloads
      .filter(
        (workload) => !selects(workload.spec.selector, labelsOf(workload)) || number(workload.spec.selector) !== 1,
      )
      .map(({ kind, metadata }) => `${kind} ${metadata.name}: selects other pods than its own`),
    ...services
      .filter(({ spec }) => number({ matchLabels: spec.selector ?? {} }) !== 1)
      .map(({ name }) => `Service ${name}: does not select the pods of one workload`),
    ...budgets
      .filter(({ spec }) => number(spec.selector) !== 1)
      .map(({ name }) => `PodDisruptionBudget ${name}: does not select the pods of one workload`),
    ...workloads
      .filter(({ metadata }) => !['gateway', 'aggregator'].every((name) => metadata.name !== name))
      .filter((workload) => !budgets.some(({ spec }) => selects(spec.selector, labelsOf(workload))))
      .map(({ metadata }) => `${metadata.name}: no PodDisruptionBudget`),
  ];
};

const connected: Rule = (objects) => {
  const named = (kind: string, name: string | undefined): KubeObject | undefined =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);
  const portsAt = ({ service }: Backend) =>
    specsOf(objects, 'Service').flatMap(({ name, spec }) => (name === service.name ? spec.ports : []));
  return [
    ...workloadsIn(objects).flatMap(({ metadata, spec }) => {
      const pod = spec.template.spec;
      const volumes = [...(pod.volumes ?? []), ...(spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata)];
      const mounts = pod.containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
      return [
        named('ServiceAccount', pod.serviceAccountName) === undefined && 'no such ServiceAccount',
        mounts.some((mount) => volumes.every((volume) => volume.name !== mount.name)) && 'mounts what is not there',
        spec.serviceName !== undefined && named('Service', spec.serviceName) === undefined && 'no such Service',
      ].flatMap((problem) => (problem === false ? [] : [`${metadata.name}: ${problem}`]));
    }),
    ...specsOf(objects, 'HorizontalPodAutoscaler').flatMap(({ name, spec }) => {
      const target = named(spec.scaleTargetRef.kind, spec.scaleTargetRef.name) as Workload | undefined;
      if (target === undefined) return [`HorizontalPodAutoscaler ${name}: its target is not there`];
      return target.spec.replicas === undefined ? [] : [`${name}: an apply would undo what its autoscaler did`];
    }),
    ...specsOf(objects, 'Ingress').flatMap(({ name, spec }) =>
      spec.rules
        .flatMap(({ http }) => http.paths)
        .filter(({ backend }) => !portsAt(backend).some((port) => port.name === backend.service.port.name))
        .map(({ backend }) => `Ingress ${name}: no port ${backend.service.port.name} at ${backend.service.name}`),
    ),
    ...objects
      .filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== 'haunt')
      .map(({ kind, metadata }) => `${kind} ${metadata.name}: not in the namespace`),
    ...objects
      .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/part-of'] !== 'haunt')
      .map(({ kind, metadata }) => `${kind} ${metadata.name}: is not labelled as part of haunt`),
    ...objects.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => `Secret ${metadata.name}: is committed`),
  ];
};

export const RULES = {
  harmless,
  measured,
  probed,
  runsApps,
  configured,
  oneOfEach,
  selecting,
  connected,
} satisfies Readonly<Record<string, Rule>>;

import type { KubeObject, Labels } from './kubernetes.js';

export interface KeyRef {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: KeyRef; fieldRef?: { fieldPath: string } };
}

export interface Probe {
  httpGet?: { path: string; port: string | number };
  tcpSocket?: { port: string | number };
  exec?: { command: readonly string[] };
}

export interface Container {
  name: string;
  image: string;
  args?: string[];
  env?: EnvVar[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  ports?: { name?: string; containerPort: number }[];
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: {
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    capabilities?: { drop?: string[]; add?: string[] };
  };
  volumeMounts?: { name: string; mountPath: string }[];
}

export interface PodSpec {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext?: { runAsNonRoot?: boolean; runAsUser?: number; seccompProfile?: { type: string } };
  containers: Container[];
  initContainers?: Container[];
  volumes?: { name: string; hostPath?: unknown; emptyDir?: object }[];
}

export interface Selector {
  matchLabels?: Labels;
  matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

export interface Workload extends KubeObject {
  kind: 'Deployment' | 'StatefulSet';
  spec: {
    replicas?: number;
    serviceName?: string;
    strategy?: { type?: string };
    podManagementPolicy?: string;
    selector: Selector;
    template: { metadata: { labels?: Record<string, string> }; spec: PodSpec };
    volumeClaimTemplates?: { metadata: { name: string } }[];
  };
}

export function isWorkload(object: KubeObject): object is Workload {
  return object.kind === 'Deployment' || object.kind === 'StatefulSet';
}

/** What runs pods in some other way would pass by every rule here. */
export const OTHER_WORKLOADS = ['Pod', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'ReplicationController'];

export const workloadsIn = (objects: readonly KubeObject[]): Workload[] => objects.filter(isWorkload);

export interface Backend {
  readonly service: { readonly name: string; readonly port: { readonly name?: string } };
}

export interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

export interface Way {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port: string | number }[];
}

interface Specs {
  Service: {
    readonly selector?: Labels;
    readonly ports: readonly { readonly name?: string }[];
  };
  PodDisruptionBudget: { readonly selector: Selector };
  HorizontalPodAutoscaler: { readonly scaleTargetRef: { readonly kind: string; readonly name: string } };
  Ingress: {
    readonly rules: readonly { readonly http: { readonly paths: readonly { readonly backend: Backend }[] } }[];
  };
  NetworkPolicy: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly Way[];
    readonly egress?: readonly Way[];
  };
}

export function specsOf<K extends keyof Specs>(
  objects: readonly KubeObject[],
  kind: K,
): { name: string; spec: Specs[K] }[] {
  return objects
    .filter((object) => object.kind === kind)
    .map(({ metadata, spec }) => ({ name: metadata.name, spec: spec as Specs[K] }));
}

export const labelsOf = (workload: Workload): Labels => workload.spec.template.metadata.labels ?? {};

/** Whether a selector picks a pod with these labels; an empty one picks every pod. */
export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const label = labels[key];
      switch (operator) {
        case 'In':
          return label !== undefined && values.includes(label);
        case 'NotIn':
          return label === undefined || !values.includes(label);
        case 'Exists':
          return label !== undefined;
        case 'DoesNotExist':
          return label === undefined;
        default:
          throw new Error(`there is no operator ${operator}`);
      }
    })
  );
}

export function containersOf(workload: Workload): Container[] {
  const { containers, initContainers = [] } = workload.spec.template.spec;
  return [...containers, ...initContainers];
}

/** Every container with a name for it in a sentence, and whether it is one of ours. */
export function eachContainer(
  objects: readonly KubeObject[],
  problemsOf: (container: Container, workload: Workload, isOurs: boolean) => readonly (string | false | undefined)[],
): string[] {
  return workloadsIn(objects).flatMap((workload) =>
    containersOf(workload).flatMap((container) =>
      problemsOf(container, workload, isOurs(container))
        .filter((problem): problem is string => typeof problem === 'string')
        .map((problem) => `${workload.kind} ${workload.metadata.name}, container ${container.name}: ${problem}`),
    ),
  );
}

export function isOurs({ image }: Container): boolean {
  return /(^|\/)haunt(:|@|$)/.test(image);
}

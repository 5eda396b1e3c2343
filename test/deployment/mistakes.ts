import type { KubeObject } from './kubernetes.js';

/** Breaks what an overlay rendered, in place. */
export type Mistake = (objects: KubeObject[]) => void;

const APP = 'spec.template.spec.containers.0';

function found(objects: readonly KubeObject[], kind: string, name: string): KubeObject {
  const object = objects.find((other) => other.kind === kind && other.metadata.name === name);
  if (object === undefined) throw new Error(`there is no ${kind} ${name}`);
  return object;
}

/** What is at a path of an object; `app` is its container. */
function at(objects: readonly KubeObject[], kind: string, name: string, path: readonly string[]): object {
  const keys = path
    .join('.')
    .replace(/^app\b/, APP)
    .split('.');
  return keys.reduce<object>((value, key) => (value as Record<string, object>)[key] ?? {}, found(objects, kind, name));
}

const put =
  (kind: string, name: string, path: string, value: unknown): Mistake =>
  (objects) => {
    const keys = path.split('.');
    Object.assign(at(objects, kind, name, keys.slice(0, -1)), { [keys.at(-1) as string]: value });
  };

const env =
  (name: string, value: string): Mistake =>
  (objects) =>
    void (at(objects, 'StatefulSet', 'aggregator', ['app', 'env']) as object[]).push({ name, value });

const gateway = (path: string, value: unknown): Mistake => put('Deployment', 'gateway', path, value);
const okx = (path: string, value: unknown): Mistake => put('Deployment', 'ingestor-okx', path, value);
const policy = (name: string, path: string, value: unknown): Mistake => put('NetworkPolicy', name, path, value);

const extra =
  (apiVersion: string, kind: string): Mistake =>
  (objects) =>
    void objects.push({ apiVersion, kind, metadata: { name: 'x' } });

const without =
  (kind: string, name: string): Mistake =>
  (objects) =>
    void objects.splice(objects.indexOf(found(objects, kind, name)), 1);

const privileges = { allowPrivilegeEscalation: true, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
const nobody = { matchLabels: { app: 'gateway' } };

/** Per rule: a mistake that it is there for, and what it says about it in the large overlay. */
export const MISTAKES = {
  valid: [
    ['a value of another type', gateway('spec.minReadySeconds', 'ten'), /minReadySeconds/],
    ['a field that is missing', gateway('spec.template', undefined), /required property template/],
    ['a field misspelt', gateway('spec.replica', 3), /there is no field spec.replica$/],
    ['a field misspelt deep inside', gateway('app.livenesProbe', {}), /no field .*containers.0.livenesProbe$/],
    ['a kind that is not there', extra('apps/v1', 'Deploy'), /there is no Deploy in apps\/v1/],
    ['a group that is not there', extra('apps/v9', 'Deployment'), /there is no Deployment in apps\/v9/],
  ],
  harmless: [
    ['root', gateway('spec.template.spec.securityContext', {}), /may be root/],
    ['a file system to write to', gateway('app.securityContext.readOnlyRootFilesystem', false), /may write/],
    ['privileges', gateway('app.securityContext', privileges), /may gain privileges/],
    ['a capability', gateway('app.securityContext.capabilities.add', ['NET_ADMIN']), /has capabilities/],
    ['a token', gateway('spec.template.spec.automountServiceAccountToken', undefined), /has a token/],
    ['an image of any version', gateway('app.image', 'haunt:latest'), /has no version/],
    ['a folder of the node', gateway('spec.template.spec.volumes.1', { hostPath: {} }), /file system of its node/],
    ['a second container', gateway('spec.template.spec.containers.1', { name: 'x', image: 'x:1' }), /container x: may/],
    ['a pod of its own', extra('v1', 'Pod'), /^Pod x/],
  ],
  measured: [
    ['no limit', gateway('app.resources.limits', {}), /no memory limit/],
    ['a request above the limit', gateway('app.resources.requests.memory', '9Gi'), /needs more memory/],
    ['no request', gateway('app.resources.requests', {}), /does not say what it needs/],
    ['a throttle', gateway('app.resources.limits.cpu', '1'), /has a CPU limit/],
  ],
  probed: [
    ['a port that is not there', gateway('app.livenessProbe.httpGet.port', 3001), /asks port 3001/],
    ['life that hangs on others', gateway('app.livenessProbe.httpGet.path', '/health/ready'), /liveness.* not ask/],
    ['no readiness', gateway('app.readinessProbe', undefined), /no readinessProbe/],
  ],
  runsApps: [
    ['a file that is not built', gateway('app.args.1', 'dist/apps/gate/src/main.js'), /gate.* is not the main file/],
    ['another program', gateway('app.args.0', 'nodejs'), /is not node/],
    ['an app that nobody runs', without('Deployment', 'ingestor-okx'), /ingestor-okx: there must be one/],
  ],
  configured: [
    ['a variable that nobody reads', env('PARTITION', '6'), /PARTITION is not a setting/],
    ['a value that is not allowed', env('LOG_LEVEL', 'loud'), /LOG_LEVEL: "loud" is not allowed/],
    ['more time than there is', env('SHUTDOWN_MS', '60000'), /killed after 30000 ms/],
    ['a port that nobody asks', env('HEALTH_PORT', '9090'), /listens on 9090/],
    ['a Redis that is not named', env('REDIS_URL', ''), /it would be alone/],
    ['more aggregators than partitions', env('PARTITIONS', '2'), /3 share 2 partitions/],
    ['replicas out of step', put('StatefulSet', 'aggregator', 'spec.replicas', 2), /REPLICAS is not 2/],
    ['no such ConfigMap', gateway('app.envFrom.0.configMapRef.name', 'haunt'), /ConfigMap haunt, which there is not/],
    ['every key there is', gateway('app.envFrom.1', { secretRef: { name: 'x' } }), /all of Secret x/],
  ],
  oneOfEach: [
    ['two of a venue', okx('spec.replicas', 2), /every trade twice/],
    ['two of a venue for a moment', okx('spec.strategy', {}), /every trade twice/],
  ],
  selecting: [
    ['pods that are missed', gateway('spec.template.metadata.labels', {}), /Deployment gateway: selects other/],
    ['a Service for nobody', put('Service', 'gateway', 'spec.selector', { app: 'gateway' }), /Service gateway/],
    ['a budget for nobody', put('PodDisruptionBudget', 'gateway', 'spec.selector', nobody), /gateway: no Pod/],
    ['a budget for everybody', put('PodDisruptionBudget', 'gateway', 'spec.selector', {}), /Budget gateway: does not/],
  ],
  connected: [
    ['an autoscaler of nothing', without('Deployment', 'gateway'), /its target is not there/],
    ['an autoscaler against a number', gateway('spec.replicas', 2), /would undo/],
    ['an Ingress to nowhere', without('Service', 'gateway'), /Ingress gateway: no port http/],
    ['no account', without('ServiceAccount', 'haunt'), /no such ServiceAccount/],
    ['no headless Service', without('Service', 'aggregator'), /aggregator: no such Service/],
    ['a volume that is not there', gateway('spec.template.spec.volumes', []), /mounts what is not there/],
    ['another namespace', gateway('metadata.namespace', 'default'), /not in the namespace/],
    ['a label that is missing', gateway('metadata.labels', {}), /not labelled/],
    ['a secret for all to read', extra('v1', 'Secret'), /is committed/],
  ],
  fenced: [
    ['nothing denied', without('NetworkPolicy', 'nobody'), /everything may come in/],
    ['a pod that is missed', policy('to-redis', 'spec.podSelector', nobody), /gateway: cannot reach Redis/],
    ['nobody to name an address', without('NetworkPolicy', 'names'), /cannot ask for names/],
    ['a venue behind a closed port', policy('venues', 'spec.egress.0.ports', [{ port: 443 }]), /okx: cannot go to/],
    ['the metadata of the cloud', policy('venues', 'spec.egress.0.to.0.ipBlock.except', []), /addresses inside/],
    ['a gateway that goes out', policy('venues', 'spec.podSelector', {}), /gateway: may go out/],
    ['a seeder that others reach', policy('clients', 'spec.podSelector', {}), /seeder: can be reached/],
    ['no metrics', without('NetworkPolicy', 'monitoring'), /Prometheus cannot reach/],
    ['a way without a port', policy('clients', 'spec.ingress.0.ports', undefined), /gateway: a way without a port/],
  ],
} satisfies Readonly<Record<string, readonly (readonly [string, Mistake, RegExp])[]>>;

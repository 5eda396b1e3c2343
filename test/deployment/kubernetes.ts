import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

export type Labels = Readonly<Record<string, string>>;

/** Any object of the API, as far as all have something in common. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec?: unknown;
  data?: Record<string, string>;
}

const OLDEST_KUSTOMIZE = 5;

/** Why overlays cannot be rendered here; undefined when they can. */
export function whyNoKubectl(): string | undefined {
  try {
    const version = execFileSync('kubectl', ['version', '--client', '--output', 'json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { kustomizeVersion = 'v0' } = JSON.parse(version) as { kustomizeVersion?: string };
    const major = Number(/^v?(\d+)/.exec(kustomizeVersion)?.[1]);
    return major >= OLDEST_KUSTOMIZE
      ? undefined
      : `kubectl here has kustomize ${kustomizeVersion}, and the overlays want ${OLDEST_KUSTOMIZE}`;
  } catch {
    return 'no kubectl on PATH';
  }
}

/** Every object of an overlay, as `kubectl apply -k` would send it. @throws what kubectl says is wrong. */
export function render(overlay: string): KubeObject[] {
  const folder = join(__dirname, '../../k8s/overlays', overlay);
  const text = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
}

type Model = new (data: object) => { validate(): void };

/**
 * What the API server would refuse about an object: against the schema of its kind, and fields that the schema does not have, which the
 * server drops without a word. A schema asks for every field that it knows; a field that it never looked at, it does not know.
 */
export function schemaProblems(object: KubeObject): string[] {
  const { apiVersion, kind, metadata } = object;
  const name = `${kind} ${metadata.name}`;
  let model: Model | undefined;
  try {
    model = (createRequire(__filename)(`kubernetes-models/${apiVersion}`) as Record<string, Model>)[kind];
  } catch {
    // The same as a group that has no such kind.
  }
  if (model === undefined) return [`${name}: there is no ${kind} in ${apiVersion}`];
  const seen = new Map<object, Set<PropertyKey>>();
  try {
    (model.prototype as { validate(this: unknown): void }).validate.call(watched(object, seen));
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
  }
  return unseen(object, seen).map((path) => `${name}: there is no field ${path}`);
}

function watched<T extends object>(target: T, seen: Map<object, Set<PropertyKey>>): T {
  const keys = new Set<PropertyKey>();
  seen.set(target, keys);
  return new Proxy(target, {
    get(object, key, receiver) {
      keys.add(key);
      const value: unknown = Reflect.get(object, key, receiver);
      return typeof value === 'object' && value !== null ? watched(value, seen) : value;
    },
  });
}

function unseen(value: object, seen: ReadonlyMap<object, ReadonlySet<PropertyKey>>, path = ''): string[] {
  const keys = seen.get(value);
  // Its schema says that it may be anything.
  if (keys === undefined) return [];
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => {
    const here = path === '' ? key : `${path}.${key}`;
    if (!keys.has(key)) return [here];
    return typeof child === 'object' && child !== null ? unseen(child, seen, here) : [];
  });
}

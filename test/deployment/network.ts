import { upstreamPorts } from './house.js';
import type { Rule } from './rules.js';
import {
  containersOf,
  labelsOf,
  type Peer,
  selects,
  specsOf,
  type Way,
  type Workload,
  workloadsIn,
} from './workloads.js';

const INSIDE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'];

/** Who may go where, as the overlay's policies have it together. */
export const fenced: Rule = (objects) => {
  const policies = specsOf(objects, 'NetworkPolicy').map(({ spec }) => spec);
  const portOf = (workload: Workload, port: string | number): number | string =>
    containersOf(workload)
      .flatMap(({ ports = [] }) => ports)
      .find(({ name }) => name === port)?.containerPort ?? port;
  const ways = (workload: Workload, type: 'ingress' | 'egress'): Way[] =>
    policies
      .filter(({ podSelector }) => selects(podSelector, labelsOf(workload)))
      .flatMap((policy) => policy[type] ?? []);
  const isDenied = (workload: Workload, type: string): boolean =>
    policies.some(({ podSelector, policyTypes, ingress, egress }) => {
      const allows = [...(ingress ?? []), ...(egress ?? [])].length > 0;
      return !allows && policyTypes.includes(type) && selects(podSelector, labelsOf(workload));
    });
  const portsOf = (way: Way): readonly (number | string)[] => (way.ports ?? []).map(({ port }) => port);
  const toInternet = (workload: Workload): Way[] =>
    ways(workload, 'egress').filter(({ to = [{ ipBlock: { cidr: '0.0.0.0/0' } }] }) =>
      to.some(({ ipBlock }) => ipBlock?.cidr === '0.0.0.0/0'),
    );
  const redis = workloadsIn(objects).find(({ metadata }) => metadata.name === 'redis');

  return workloadsIn(objects).flatMap((workload) => {
    const { name } = workload.metadata;
    const asks = /^(ingestor-|seeder$)/.test(name);
    const egress = ways(workload, 'egress');
    const ingress = ways(workload, 'ingress');
    const internet = toInternet(workload);
    const open = internet.flatMap(portsOf);
    const reachesRedis = egress.some((way) => {
      const there = redis === undefined ? undefined : labelsOf(redis);
      const isIt = ({ podSelector, ipBlock }: Peer): boolean =>
        there === undefined ? ipBlock !== undefined : podSelector !== undefined && selects(podSelector, there);
      const ports = portsOf(way).map((port) => (redis === undefined ? port : portOf(redis, port)));
      return (way.to ?? []).some(isIt) && ports.includes(6379);
    });
    const isScraped = ingress.some(
      (way) =>
        way.from?.some(
          ({ namespaceSelector }) => namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] === 'monitoring',
        ) &&
        portsOf(way)
          .map((port) => portOf(workload, port))
          .includes(8080),
    );
    const outside = ingress.flatMap(({ from }) => from ?? [{}]).filter(({ podSelector }) => podSelector === undefined);
    return [
      !isDenied(workload, 'Ingress') && 'everything may come in where nothing is said',
      !isDenied(workload, 'Egress') && 'it may go everywhere where nothing is said',
      !egress.some((way) => portsOf(way).includes(53)) && 'cannot ask for names',
      [...ingress, ...egress].some(({ ports = [] }) => ports.length === 0) && 'a way without a port',
      name !== 'redis' && !reachesRedis && 'cannot reach Redis',
      name !== 'redis' && !isScraped && 'Prometheus cannot reach it',
      name === 'redis' && outside.length > 0 && 'can be reached by others than the apps',
      name !== 'gateway' && outside.length > 1 && 'can be reached by others than Prometheus',
      !asks && internet.length > 0 && 'may go out',
      asks &&
        [...upstreamPorts()].some((port) => !open.includes(port)) &&
        `cannot go to ${[...upstreamPorts()].join(', ')}`,
      internet.some(
        ({ to = [] }) => !INSIDE.every((net) => to.some(({ ipBlock }) => ipBlock?.except?.includes(net))),
      ) && 'may go to addresses inside',
    ].flatMap((problem) => (typeof problem === 'string' ? [`${name}: ${problem}`] : []));
  });
};

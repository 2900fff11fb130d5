import { Pods } from '../kube/resources';
import type { Service, ServicePort } from '../kube/types';
import { ageColumn, column, defineKind, nameColumn, namespaceColumn, type ObjectStatus } from './kind';
import { formatLabels, selectorQuery, selects } from './selector';
import { say, type Said } from './words/said';

export const serviceKind = defineKind<Service>({
  group: '',
  plural: 'services',
  columns: [
    nameColumn(),
    namespaceColumn(),
    column({ id: 'type', header: 'Type', value: ({ spec }) => spec?.type ?? 'ClusterIP' }),
    column({ id: 'cluster-ip', header: 'Cluster-IP', type: 'mono', weight: 1.2, value: ({ spec }) => clusterIp(spec) }),
    column({ id: 'external-ip', header: 'External-IP', type: 'mono', weight: 1.4, value: externalIp }),
    column({ id: 'ports', header: 'Port(s)', type: 'mono', weight: 1.8, value: ({ spec }) => portList(spec?.ports) }),
    ageColumn(),
    column({
      id: 'selector',
      header: 'Selector',
      type: 'mono',
      wide: true,
      weight: 2,
      value: ({ spec }) => formatLabels(spec?.selector),
    }),
  ],
  status: serviceStatus,
  sentence: serviceSentence,
  links: ({ metadata, spec }) => [
    {
      relation: 'selects',
      resource: Pods,
      namespace: metadata.namespace,
      labelSelector: spec?.selector && selectorQuery({ matchLabels: spec.selector }),
      matches: (pod) => selects(spec?.selector, pod),
    },
  ],
});

function serviceStatus(service: Service): ObjectStatus {
  if (service.metadata.deletionTimestamp) return { word: 'Terminating', tone: 'busy' };
  return externalIp(service) === '<pending>' ? { word: 'Pending', tone: 'busy' } : { word: 'Active', tone: 'ok' };
}

function serviceSentence(service: Service): Said {
  const { spec } = service;
  if (spec.type === 'ExternalName') return say('service.external-name', { name: spec.externalName ?? '' });
  if (externalIp(service) === '<pending>') return say('service.pending');
  const address = spec.clusterIP === 'None' ? '' : clusterIp(spec);
  const selector = spec.selector ? formatLabels(spec.selector) : '';
  return say('service.leads', { selector, address, ports: portList(spec.ports) });
}

function clusterIp(spec: Service['spec']): string {
  return spec?.clusterIPs?.[0] ?? spec?.clusterIP ?? '<none>';
}

/** kubectl's External-IP column in its wide form: nothing is cut off. */
export function externalIp({ spec, status }: Service): string {
  const manual = spec?.externalIPs ?? [];
  if (spec?.type === 'ExternalName') return spec.externalName ?? '<none>';
  if (spec?.type !== 'LoadBalancer') return manual.join(',') || '<none>';
  const given = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '').filter(Boolean);
  return [...given, ...manual].join(',') || '<pending>';
}

/** `80/TCP,443:30443/TCP` */
export function portList(ports: readonly ServicePort[] | undefined): string {
  const texts = (ports ?? []).map(({ port, nodePort, protocol = 'TCP' }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return texts.join(',') || '<none>';
}

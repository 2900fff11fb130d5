import { conditionOf } from '#common/kinds/conditions';
import { formatSelector } from '#common/kinds/selector';
import type { Container, Event, Pod, TopologySpreadConstraint } from '#common/kube/types';
import { writeContainers } from './containers';
import type { DescribeWriter } from './describe-writer';
import { writeEvents } from './events';
import { writeAnnotations, writeController, writeLabels, writeTolerations } from './metadata';
import { writeResources } from './resources';
import { formatDate, since } from './times';
import { writeVolumes } from './volumes';

export function describePod(writer: DescribeWriter, pod: Pod, events: Event[] | undefined, now: number): void {
  writePlace(writer, pod);
  writeLabels(writer, 'Labels', pod.metadata.labels);
  writeAnnotations(writer, 'Annotations', pod.metadata.annotations);
  writePhase(writer, pod, now);
  writeAddresses(writer, pod);
  writeController(writer, pod);
  writer.optional(0, 'NominatedNodeName', pod.status?.nominatedNodeName);
  if (pod.spec.resources) {
    writer.line(0, 'Resources:');
    writeResources(writer, pod.spec.resources, 1);
  }
  writeAllContainers(writer, pod);
  writeConditions(writer, pod);
  writeVolumes(writer, pod.spec.volumes);
  writer.field(0, 'QoS Class', pod.status?.qosClass, 'BestEffort');
  writeLabels(writer, 'Node-Selectors', pod.spec.nodeSelector);
  writeTolerations(writer, pod.spec.tolerations);
  writeSpread(writer, pod.spec.topologySpreadConstraints);
  writeEvents(writer, events, now);
}

function writePlace(writer: DescribeWriter, { metadata, spec, status }: Pod): void {
  writer.field(0, 'Name', metadata.name);
  writer.field(0, 'Namespace', metadata.namespace);
  writer.optional(0, 'Priority', spec.priority);
  writer.optional(0, 'Priority Class Name', spec.priorityClassName);
  writer.optional(0, 'Runtime Class Name', spec.runtimeClassName);
  writer.optional(0, 'Service Account', spec.serviceAccountName);
  writer.field(0, 'Node', spec.nodeName ? `${spec.nodeName}/${status?.hostIP ?? ''}` : '<none>');
  if (status?.startTime) writer.field(0, 'Start Time', formatDate(status.startTime));
}

function writePhase(writer: DescribeWriter, { metadata, spec, status }: Pod, now: number): void {
  const phase = status?.phase ?? '';
  if (metadata.deletionTimestamp && phase !== 'Failed' && phase !== 'Succeeded') {
    writer.field(0, 'Status', `Terminating (lasts ${since(metadata.deletionTimestamp, now)})`);
    writer.field(0, 'Termination Grace Period', `${metadata.deletionGracePeriodSeconds ?? 0}s`);
  } else writer.field(0, 'Status', phase);
  writer.optional(0, 'Reason', status?.reason);
  writer.optional(0, 'Message', status?.message);
  const seccomp = spec.securityContext?.seccompProfile;
  if (!seccomp) return;
  writer.field(0, 'SeccompProfile', seccomp.type);
  if (seccomp.type === 'Localhost') writer.field(0, 'LocalhostProfile', seccomp.localhostProfile);
}

function writeAddresses(writer: DescribeWriter, { status }: Pod): void {
  writer.field(0, 'IP', status?.podIP);
  const addresses = status?.podIPs ?? [];
  writer.line(0, addresses.length === 0 ? 'IPs:\t<none>' : 'IPs:');
  for (const { ip } of addresses) writer.field(1, 'IP', ip);
}

function writeAllContainers(writer: DescribeWriter, pod: Pod): void {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const { initContainerStatuses, containerStatuses, ephemeralContainerStatuses } = pod.status ?? {};
  if (initContainers.length > 0) {
    writeContainers(writer, 'Init Containers', initContainers, { statuses: initContainerStatuses, pod });
  }
  writeContainers(writer, 'Containers', containers, { statuses: containerStatuses, pod });
  if (ephemeralContainers.length === 0) return;
  const options = { statuses: ephemeralContainerStatuses, pod };
  writeContainers(writer, 'Ephemeral Containers', ephemeralContainers as Container[], options);
}

function writeConditions(writer: DescribeWriter, pod: Pod): void {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length > 0) {
    writer.line(0, 'Readiness Gates:');
    writer.line(1, 'Type\tStatus');
    for (const { conditionType } of gates) {
      writer.line(1, `${conditionType} \t${conditionOf(pod, conditionType)?.status ?? '<none>'} `);
    }
  }
  const conditions = pod.status?.conditions ?? [];
  if (conditions.length === 0) return;
  writer.line(0, 'Conditions:');
  writer.line(1, 'Type\tStatus');
  for (const { type, status } of conditions) writer.line(1, `${type} \t${status} `);
}

export function writeSpread(
  writer: DescribeWriter,
  constraints: readonly TopologySpreadConstraint[] | undefined,
  indent = '',
): void {
  if (!constraints?.length) return;
  const sorted = constraints.toSorted((left, right) => (left.topologyKey < right.topologyKey ? -1 : 1));
  const lines = sorted.map(({ topologyKey, whenUnsatisfiable, maxSkew, labelSelector }) => {
    const selector = labelSelector ? ` for selector ${formatSelector(labelSelector)}` : '';
    return `${topologyKey}:${whenUnsatisfiable} when max skew ${maxSkew} is exceeded${selector}`;
  });
  writer.list('Topology Spread Constraints', lines, indent);
}

import type { ConfigMap, Event, LimitRange, Namespace, ResourceQuota, Secret } from '#common/kube/types';
import type { DescribeWriter } from './describe-writer';
import { writeEvents } from './events';
import { sortedEntries, writeAnnotations, writeIdentity, writeLabels } from './metadata';
import { formatDate } from './times';

/** kubectl prints the keys in the random order of a Go map; here they are sorted. */
export function describeConfigMap(
  writer: DescribeWriter,
  map: ConfigMap,
  events: Event[] | undefined,
  now: number,
): void {
  writeIdentity(writer, map);
  for (const line of ['', 'Data', '====']) writer.line(0, line);
  for (const [key, value] of sortedEntries(map.data)) {
    for (const line of [`${key}:`, '----', value, '']) writer.line(0, line);
  }
  for (const line of ['', 'BinaryData', '====']) writer.line(0, line);
  for (const [key, value] of sortedEntries(map.binaryData)) writer.line(0, `${key}: ${byteCount(value)} bytes`);
  writer.line(0, '');
  writeEvents(writer, events, now);
}

/** Sizes, never values: even the token that kubectl prints is only shown when it is asked for by its key. */
export function describeSecret(writer: DescribeWriter, secret: Secret): void {
  writeIdentity(writer, secret);
  writer.line(0, '');
  writer.field(0, 'Type', secret.type);
  for (const line of ['', 'Data', '====']) writer.line(0, line);
  for (const [key, value] of sortedEntries(secret.data)) writer.field(0, key, `${byteCount(value)} bytes`);
}

function byteCount(base64: string): number {
  return Buffer.byteLength(base64, 'base64');
}

export interface NamespaceFacts {
  /** Undefined where the server has none of the kind. */
  quotas: readonly ResourceQuota[] | undefined;
  limitRanges: readonly LimitRange[] | undefined;
}

export function describeNamespace(writer: DescribeWriter, namespace: Namespace, facts: NamespaceFacts): void {
  const { metadata, status } = namespace;
  writer.field(0, 'Name', metadata.name);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.field(0, 'Status', status?.phase);
  if (status?.conditions?.length) {
    writer.line(0, 'Conditions:');
    writer.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage');
    writer.line(1, '----\t------\t------------------\t------\t-------');
    for (const { type, status: value, lastTransitionTime, reason = '', message = '' } of status.conditions) {
      writer.line(1, `${type}\t${value}\t${formatDate(lastTransitionTime)}\t${reason}\t${message}`);
    }
  }
  writeQuotas(writer, facts.quotas);
  writeLimitRanges(writer, facts.limitRanges);
}

/** What a quota's scope means, in kubectl's words. */
const scopeHelp: Readonly<Record<string, string>> = {
  Terminating:
    'Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.',
  NotTerminating:
    'Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.',
  BestEffort:
    'Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.',
  NotBestEffort:
    'Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.',
};

function writeQuotas(writer: DescribeWriter, quotas: NamespaceFacts['quotas']): void {
  if (!quotas) return;
  writer.line(0, '');
  if (quotas.length === 0) {
    writer.line(0, 'No resource quota.');
    return;
  }
  writer.line(0, 'Resource Quotas');
  for (const { metadata, spec, status } of quotas.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    writer.field(1, 'Name', metadata.name);
    const scopes = (spec.scopes ?? []).toSorted();
    if (scopes.length > 0) writer.field(1, 'Scopes', scopes.join(', '));
    for (const scope of scopes) if (scopeHelp[scope]) writer.line(1, `* ${scopeHelp[scope]}`);
    writer.line(1, 'Resource\tUsed\tHard');
    writer.line(1, '--------\t---\t---');
    for (const [name, hard] of sortedEntries(status?.hard))
      writer.line(1, `${name}\t${status?.used?.[name] ?? '0'}\t${hard}`);
  }
}

function writeLimitRanges(writer: DescribeWriter, limitRanges: NamespaceFacts['limitRanges']): void {
  if (!limitRanges) return;
  writer.line(0, '');
  if (limitRanges.length === 0) {
    writer.line(0, 'No LimitRange resource.');
    return;
  }
  writer.line(0, 'Resource Limits');
  writer.line(0, ' Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio');
  writer.line(0, ' ----\t--------\t---\t---\t---------------\t-------------\t-----------------------');
  for (const item of limitRanges.flatMap(({ spec }) => spec.limits ?? [])) {
    const sides = [item.min, item.max, item.defaultRequest, item.default, item.maxLimitRequestRatio];
    const names = new Set(sides.flatMap((side) => Object.keys(side ?? {})));
    for (const name of [...names].toSorted()) {
      writer.line(0, ` ${item.type}\t${name}\t${sides.map((side) => side?.[name] ?? '-').join('\t')}`);
    }
  }
}

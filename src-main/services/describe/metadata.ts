import type { KubeObject } from '#common/kube/object';
import { controllerOf } from '#common/kube/object';
import type { Taint, Toleration } from '#common/kube/types';
import type { DescribeWriter } from './describe-writer';

type Texts = Readonly<Record<string, string>> | undefined | null;

/** Longer annotations are put on lines of their own. */
const MAX_ANNOTATION = 140;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function sortedEntries(texts: Texts): [string, string][] {
  return Object.entries(texts ?? {}).toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}

/** `key=value`, one per line. */
export function writeLabels(writer: DescribeWriter, title: string, labels: Texts, indent = ''): void {
  const lines = sortedEntries(labels).map(([key, value]) => `${key}=${value}`);
  writer.list(title, lines, indent);
}

export function writeAnnotations(writer: DescribeWriter, title: string, annotations: Texts): void {
  const lines = sortedEntries(annotations)
    .filter(([key]) => key !== LAST_APPLIED)
    .flatMap(([key, value]) => annotationLines(key, value.replace(/\n$/, '')));
  writer.list(title, lines);
}

function annotationLines(key: string, value: string): string[] {
  const isLong = Buffer.byteLength(value) + Buffer.byteLength(key) + 2 > MAX_ANNOTATION || value.includes('\n');
  return isLong ? [`${key}:`, ...value.split('\n').map((line) => `  ${shortened(line)}`)] : [`${key}: ${value}`];
}

function shortened(line: string): string {
  const limit = MAX_ANNOTATION - 2;
  return line.length > limit ? `${line.slice(0, limit)}...` : line;
}

/** Name, namespace, labels and annotations, as most descriptions begin. */
export function writeIdentity(writer: DescribeWriter, { metadata }: KubeObject): void {
  writer.field(0, 'Name', metadata.name);
  writer.field(0, 'Namespace', metadata.namespace ?? '');
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
}

export function writeController(writer: DescribeWriter, object: KubeObject): void {
  const owner = controllerOf(object);
  if (owner) writer.field(0, 'Controlled By', `${owner.kind}/${owner.name}`);
}

export function writeTaints(writer: DescribeWriter, taints: readonly Taint[] | undefined): void {
  const order = ({ effect, key }: Taint) => `${effect},${key}`;
  const sorted = (taints ?? []).toSorted((left, right) => (order(left) < order(right) ? -1 : 1));
  writer.list('Taints', sorted.map(taintText));
}

function taintText({ key, value, effect }: Taint): string {
  const pair = value ? `${key}=${value}` : key;
  return effect ? `${pair}:${effect}` : pair;
}

export function writeTolerations(
  writer: DescribeWriter,
  tolerations: readonly Toleration[] | undefined,
  indent = '',
): void {
  const sorted = (tolerations ?? []).toSorted((left, right) => {
    const [a, b] = [left.key ?? '', right.key ?? ''];
    return a < b ? -1 : a > b ? 1 : 0;
  });
  writer.list('Tolerations', sorted.map(tolerationText), indent);
}

function tolerationText({ key = '', value = '', effect = '', operator, tolerationSeconds }: Toleration): string {
  const place = `${key}${value ? `=${value}` : ''}${effect ? `:${effect}` : ''}`;
  const exists = operator === 'Exists' && value === '' ? `${key || effect ? ' ' : ''}op=Exists` : '';
  return `${place}${exists}${tolerationSeconds === undefined ? '' : ` for ${tolerationSeconds}s`}`;
}

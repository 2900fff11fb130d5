import type { Pod, Toleration, Volume } from '#common/kube/types';

export interface VolumeView {
  name: string;
  /** The field that says what it is: `configMap`, `emptyDir`, … */
  source: string;
  /** What it stands for: the name of a ConfigMap, a path, a size. */
  detail: string;
}

/** The volumes of a Pod, the token that every Pod gets last. */
export function volumesOf(pod: Pod): VolumeView[] {
  const views = (pod.spec?.volumes ?? []).map(viewOf);
  const isToken = ({ name }: VolumeView) => name.startsWith('kube-api-access-');
  return [...views.filter((view) => !isToken(view)), ...views.filter(isToken)];
}

function viewOf(volume: Volume): VolumeView {
  const { name, ...sources } = volume;
  const [source = '', content] = Object.entries(sources)[0] ?? [];
  return { name, source, detail: detailOf(source, content as Record<string, unknown> | undefined) };
}

function detailOf(source: string, content: Record<string, unknown> | undefined): string {
  if (source === 'projected') return ((content?.['sources'] as object[] | undefined) ?? []).map(projection).join(', ');
  if (source === 'emptyDir') return [content?.['medium'], content?.['sizeLimit']].filter(Boolean).join(', ');
  const naming = ['name', 'secretName', 'claimName', 'path', 'server', 'driver', 'volumeID', 'reference'];
  const found = naming.map((field) => content?.[field]).find((value) => typeof value === 'string' && value);
  return typeof found === 'string' ? found : '';
}

function projection(source: object): string {
  const [kind = '', content] = Object.entries(source)[0] ?? [];
  const name = (content as { name?: string } | undefined)?.name;
  return name ? `${kind} ${name}` : kind;
}

/** `node.kubernetes.io/not-ready:NoExecute`, `dedicated=gpu:NoSchedule`; empty for one that tolerates everything. */
export function tolerationText({ key, operator, value, effect }: Toleration): string {
  if (!key) return effect ? `:${effect}` : '';
  const wanted = operator === 'Exists' || !value ? key : `${key}=${value}`;
  return effect ? `${wanted}:${effect}` : wanted;
}

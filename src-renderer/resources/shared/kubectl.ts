import type { LogRequest } from '#common/contract/logs';
import type { ClusterId, ObjectRef, ResourceRef } from '#common/contract/shapes';

/** The command lines kubectl would do the same with: shown beside every action, to learn from and to script with. */

type Target = Pick<ObjectRef, 'cluster' | 'resource' | 'namespace' | 'name'>;

export interface DeleteChoice {
  propagation?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
}

/** Deletes objects of one kind and one namespace with one command; several lines where they differ. */
export function deleteCommand(
  cluster: ClusterId,
  targets: readonly Omit<Target, 'cluster'>[],
  choice: DeleteChoice = {},
) {
  const options = [
    ...(choice.propagation && choice.propagation !== 'Background'
      ? [`--cascade=${choice.propagation.toLowerCase()}`]
      : []),
    ...graceOptions(choice.gracePeriodSeconds),
  ];
  const groups = new Map<string, Omit<Target, 'cluster'>[]>();
  for (const target of targets) {
    const key = `${resourceName(target.resource)} ${target.namespace ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), target]);
  }
  return [...groups.values()]
    .map((group) => {
      const [first] = group;
      if (!first) return '';
      const names = group.map(({ name }) => name);
      return kubectl({ ...first, cluster }, ['delete', resourceName(first.resource), ...names, ...options]);
    })
    .join('\n');
}

/** A grace of nothing needs `--force`: kubectl refuses it otherwise. */
function graceOptions(seconds: number | undefined): string[] {
  if (seconds === undefined) return [];
  return seconds === 0 ? ['--grace-period=0', '--force'] : [`--grace-period=${seconds}`];
}

export function scaleCommand(target: Target, replicas: number): string {
  return kubectl(target, ['scale', slashed(target), `--replicas=${replicas}`]);
}

export function restartCommand(target: Target): string {
  return kubectl(target, ['rollout', 'restart', slashed(target)]);
}

export function editCommand(target: Target): string {
  return kubectl(target, ['edit', slashed(target)]);
}

export function describeCommand(target: Target): string {
  return kubectl(target, ['describe', slashed(target)]);
}

export function yamlCommand(target: Target): string {
  return kubectl(target, ['get', slashed(target), '-o', 'yaml']);
}

/** Server-side apply of a file, as the window applies a manifest. */
export function applyCommand(cluster: ClusterId, namespace: string | undefined, force = false): string {
  return kubectl({ cluster, namespace }, [
    'apply',
    '--server-side',
    ...(force ? ['--force-conflicts'] : []),
    '-f',
    'FILE',
  ]);
}

export function execCommand(request: {
  cluster: ClusterId;
  namespace: string;
  pod: string;
  container?: string;
}): string {
  const { pod, container } = request;
  return kubectl(request, ['exec', '-it', pod, ...(container ? ['-c', container] : []), '--', 'sh']);
}

export function forwardCommand(
  target: { cluster: ClusterId; namespace: string; kind: string; name: string },
  port: number | string,
  localPort?: number,
): string {
  const ports = localPort === undefined || localPort === port ? String(port) : `${localPort}:${port}`;
  return kubectl(target, ['port-forward', `${target.kind.toLowerCase()}/${target.name}`, ports]);
}

export function logsCommand(request: LogRequest): string {
  const { pods = [], labelSelector, container } = request;
  const what = labelSelector ? ['-l', labelSelector] : pods.slice(0, 1);
  return kubectl(request, [
    'logs',
    ...what,
    ...(container ? ['-c', container] : ['--all-containers']),
    ...(request.previous ? ['--previous'] : []),
    ...(request.follow ? ['-f'] : []),
    ...(request.tailLines === undefined ? [] : [`--tail=${request.tailLines}`]),
    ...(request.sinceSeconds === undefined ? [] : [`--since=${request.sinceSeconds}s`]),
  ]);
}

/** The kubeconfig context of a cluster: what follows the first colon of its id. */
export function contextOf(cluster: ClusterId): string {
  return cluster.slice(cluster.indexOf(':') + 1);
}

/** `pod` and `deployment` for what everybody calls so, `widgets.example.com` for the rest. */
export function resourceName({ group, plural, kind }: Pick<ResourceRef, 'group' | 'plural' | 'kind'>): string {
  return KNOWN_GROUPS.has(group) ? kind.toLowerCase() : `${plural}.${group}`;
}

/** Groups whose kinds kubectl finds by their bare name. */
const KNOWN_GROUPS = new Set([
  '',
  'apps',
  'batch',
  'autoscaling',
  'policy',
  'networking.k8s.io',
  'storage.k8s.io',
  'rbac.authorization.k8s.io',
]);

function slashed({ resource, name }: Pick<Target, 'resource' | 'name'>): string {
  return `${resourceName(resource)}/${name}`;
}

function kubectl(
  { cluster, namespace }: { cluster: ClusterId; namespace?: string | undefined },
  words: readonly string[],
): string {
  const separator = words.indexOf('--');
  const where = [...(namespace ? ['-n', namespace] : []), '--context', contextOf(cluster)];
  const all = separator < 0 ? [...words, ...where] : words.toSpliced(separator, 0, ...where);
  return ['kubectl', ...all].map(quoted).join(' ');
}

/** A word as a POSIX shell reads it back unchanged. */
export function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

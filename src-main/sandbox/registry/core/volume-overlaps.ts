/** Warnings of files in one volume that would hide each other. */
import type { Volume, VolumeProjection } from '#common/kube/types';

interface Target {
  path: string;
  source: string;
}

export function overlapWarnings(volumes: readonly Volume[]): string[] {
  return volumes.flatMap(({ name, configMap, secret, downwardAPI, projected }) => [
    ...inOne(name, `ConfigMap "${configMap?.name}"`, configMap?.items),
    ...inOne(name, `Secret "${secret?.secretName}"`, secret?.items),
    ...inOne(name, 'DownwardAPI', downwardAPI?.items),
    ...(projected ? inProjection(name, projected.sources ?? []) : []),
  ]);
}

const warning = (volume: string, kind: string, one: Target, other: Target): string =>
  `volume "${volume}" (${kind}): overlapping paths: ${words(one)} with ${words(other)}`;

const words = ({ path, source }: Target): string => (source ? `"${path}" (${source})` : `"${path}"`);

function inOne(volume: string, kind: string, items: readonly { path: string }[] | undefined): string[] {
  if (!items) return [];
  const targets = items.map(({ path }) => ({ path: path.replace(/\/+$/, ''), source: '' }));
  return targets.flatMap((one, at) =>
    overlapping(targets.slice(0, at), one).map((other) => warning(volume, kind, one, other)),
  );
}

function inProjection(volume: string, sources: readonly VolumeProjection[]): string[] {
  const before: Target[] = [];
  return sources.flatMap((source) => {
    if (Object.keys(source).length === 0) return [`volume "${volume}" (Projected) has no sources provided`];
    return targetsOf(source).flatMap((one) => {
      const found = overlapping(before, one).map((other) => warning(volume, 'Projected', one, other));
      before.push(one);
      return found;
    });
  });
}

function targetsOf({ configMap, secret, downwardAPI, serviceAccountToken: token }: VolumeProjection): Target[] {
  const all = (items: readonly { path: string }[], source: string) =>
    items.map(({ path }) => ({ path: path.replace(/\/+$/, ''), source }));
  if (configMap?.items) return all(configMap.items, `ConfigMap "${configMap.name}"`);
  if (secret?.items) return all(secret.items, `Secret "${secret.name}"`);
  if (downwardAPI?.items) return all(downwardAPI.items, 'DownwardAPI');
  return token ? all([token], 'ServiceAccountToken') : [];
}

function overlapping(others: readonly Target[], { path }: Target): Target[] {
  if (path === '') return [];
  return others.filter(
    (other) =>
      other.path !== '' && (`${other.path}/`.startsWith(`${path}/`) || `${path}/`.startsWith(`${other.path}/`)),
  );
}

import type { Volume, VolumeProjection } from '#common/kube/types';
import type { DescribeWriter } from './describe-writer';
import { formatQuantity, parseQuantity } from './quantity';

/** Lines below the name of a volume: `Type`, then what tells one volume of the type from another. */
type Fields = [name: string, value: unknown][];

export function writeVolumes(writer: DescribeWriter, volumes: readonly Volume[] | undefined, indent = ''): void {
  if (!volumes?.length) {
    writer.line(0, `${indent}Volumes:\t<none>`);
    return;
  }
  writer.line(0, `${indent}Volumes:`);
  for (const volume of volumes) {
    writer.line(1, `${indent ? ' ' : ''}${volume.name}:`);
    const fields = fieldsOf(volume);
    if (!fields) writer.line(1, '<unknown>');
    for (const [name, value] of fields ?? []) writer.line(2, value === undefined ? name : `${name}:\t${String(value)}`);
  }
}

/** By the member of the volume source that is set. */
const readers: { [K in keyof Volume]?: (source: NonNullable<Volume[K]>) => Fields } = {
  hostPath: ({ path, type }) => [
    ['Type', 'HostPath (bare host directory volume)'],
    ['Path', path],
    ['HostPathType', type ?? '<none>'],
  ],
  emptyDir: ({ medium = '', sizeLimit }) => [
    ['Type', "EmptyDir (a temporary directory that shares a pod's lifetime)"],
    ['Medium', medium],
    ['SizeLimit', sizeLimit && sizeLimit !== '0' ? formatQuantity(parseQuantity(sizeLimit)) : '<unset>'],
  ],
  secret: ({ secretName = '', optional }) => [
    ['Type', 'Secret (a volume populated by a Secret)'],
    ['SecretName', secretName],
    ['Optional', optional ?? false],
  ],
  configMap: ({ name = '', optional }) => [
    ['Type', 'ConfigMap (a volume populated by a ConfigMap)'],
    ['Name', name],
    ['Optional', optional ?? false],
  ],
  nfs: ({ server, path, readOnly = false }) => [
    ['Type', 'NFS (an NFS mount that lasts the lifetime of a pod)'],
    ['Server', server],
    ['Path', path],
    ['ReadOnly', readOnly],
  ],
  persistentVolumeClaim: ({ claimName, readOnly = false }) => [
    ['Type', 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)'],
    ['ClaimName', claimName],
    ['ReadOnly', readOnly],
  ],
  downwardAPI: ({ items = [] }) => [
    ['Type', 'DownwardAPI (a volume populated by information about the pod)'],
    ['Items:', undefined],
    ...items.map(({ fieldRef, resourceFieldRef, path }): Fields[number] => [
      `  ${fieldRef?.fieldPath ?? resourceFieldRef?.resource} -> ${path}`,
      undefined,
    ]),
  ],
  projected: ({ sources }) => [
    ['Type', 'Projected (a volume that contains injected data from multiple sources)'],
    ...(sources ?? []).flatMap(projectionFields),
  ],
  csi: ({ driver, fsType, readOnly, volumeAttributes }) => [
    ['Type', 'CSI (a Container Storage Interface (CSI) volume source)'],
    ['Driver', driver],
    ['FSType', fsType ?? ''],
    ['ReadOnly', readOnly ?? false],
    ...attributeFields(volumeAttributes),
  ],
  image: ({ reference = '', pullPolicy = '' }) => [
    ['Type', 'Image (a container image or OCI artifact)'],
    ['Reference', reference],
    ['PullPolicy', pullPolicy],
  ],
  ephemeral: () => [
    ['Type', 'EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)'],
  ],
};

function fieldsOf(volume: Volume): Fields | undefined {
  for (const [member, reader] of Object.entries(readers)) {
    const source = volume[member as keyof Volume];
    if (source !== undefined) return (reader as (source: unknown) => Fields)(source);
  }
  return undefined;
}

function projectionFields({ secret, downwardAPI, configMap, serviceAccountToken }: VolumeProjection): Fields {
  if (secret) {
    return [
      ['SecretName', secret.name ?? ''],
      ['Optional', secret.optional ?? false],
    ];
  }
  if (downwardAPI) return [['DownwardAPI', true]];
  if (configMap) {
    return [
      ['ConfigMapName', configMap.name ?? ''],
      ['Optional', configMap.optional ?? false],
    ];
  }
  return serviceAccountToken ? [['TokenExpirationSeconds', serviceAccountToken.expirationSeconds ?? 3600]] : [];
}

function attributeFields(attributes: Record<string, string> | undefined): Fields {
  const entries = Object.entries(attributes ?? {}).toSorted(([left], [right]) => (left < right ? -1 : 1));
  if (entries.length === 0) return [['VolumeAttributes', '<none>']];
  const lines = entries.map(([key, value]) => `    ${key}=${value}`);
  return lines.map((line, index) => [index === 0 ? `VolumeAttributes:\t${line}` : `    \t${line}`, undefined]);
}

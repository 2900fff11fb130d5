import { StatefulSets } from '#common/kube/resources';
import type { ControllerRevision, Pod, PodTemplateSpec, StatefulSet } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { controllerReference } from '../runtime/ownership';
import { REVISION_LABEL } from './controller-revisions';
import { podOf } from './pod-facts';

export const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';

export const podNameOf = ({ metadata }: StatefulSet, ordinal: number): string => `${metadata.name}-${ordinal}`;

/** The template that a revision remembers. */
export function templateOf(revision: ControllerRevision | undefined): PodTemplateSpec | undefined {
  const spec = revision?.data?.['spec'] as { template?: PodTemplateSpec & { $patch?: string } } | undefined;
  if (!spec?.template) return undefined;
  const { $patch: _, ...template } = spec.template;
  return template;
}

/** A Pod with its number in name, labels and host name, and its claims as volumes. */
export function podFrom(
  set: StatefulSet,
  template: PodTemplateSpec,
  { ordinal, revision }: { ordinal: number; revision: string },
): Draft<Pod> {
  const { metadata, spec } = podOf(template);
  const name = podNameOf(set, ordinal);
  const { namespace } = set.metadata;
  const claims = (set.spec.volumeClaimTemplates ?? []).map((claim) => ({
    name: claim.metadata.name,
    persistentVolumeClaim: { claimName: `${claim.metadata.name}-${name}` },
  }));
  const own = new Set(claims.map((volume) => volume.name));
  const volumes = [...claims, ...(spec.volumes ?? []).filter((volume) => !own.has(volume.name))];
  return {
    metadata: {
      ...metadata,
      name,
      generateName: `${set.metadata.name}-`,
      ...(namespace ? { namespace } : {}),
      labels: { ...metadata.labels, ...identityLabels(name, ordinal), [REVISION_LABEL]: revision },
      ownerReferences: [controllerReference(StatefulSets, set)],
    },
    spec: {
      ...spec,
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
      ...(volumes.length > 0 ? { volumes } : {}),
    },
  };
}

export const identityLabels = (name: string, ordinal: number): Record<string, string> => ({
  [POD_INDEX_LABEL]: String(ordinal),
  [POD_NAME_LABEL]: name,
});

/** Claims and Ingresses that name no class get the one that is marked as the default. */
import { IngressClasses, StorageClasses } from '#common/kube/resources';
import type { KubeObject } from '#common/kube/object';
import type { Ingress, PersistentVolumeClaim } from '#common/kube/types';
import type { AdmissionPlugin } from './plugin';
import { writtenResource } from './written-resource';

const STORAGE_MARKS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];
const OLD_STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class';
const INGRESS_MARKS = ['ingressclass.kubernetes.io/is-default-class'];
const OLD_INGRESS_CLASS = 'kubernetes.io/ingress.class';

export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  mutate(request, cluster) {
    if (request.operation !== 'CREATE' || writtenResource(request) !== 'persistentvolumeclaims') return;
    const claim = request.object as unknown as PersistentVolumeClaim;
    const isNamed =
      claim.spec.storageClassName !== undefined || OLD_STORAGE_CLASS in (claim.metadata.annotations ?? {});
    if (isNamed) return;
    // The newest wins where several are marked.
    const [chosen] = [...cluster.list(StorageClasses)].filter((one) => isMarked(one, STORAGE_MARKS)).sort(newestFirst);
    if (chosen) claim.spec.storageClassName = chosen.metadata.name;
  },
};

export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  mutate(request, cluster) {
    if (request.operation !== 'CREATE' || writtenResource(request) !== 'ingresses.networking.k8s.io') return;
    const ingress = request.object as unknown as Ingress;
    if (ingress.spec?.ingressClassName !== undefined) return;
    if (OLD_INGRESS_CLASS in (ingress.metadata.annotations ?? {})) return;
    const marked = [...cluster.list(IngressClasses)].filter((one) => isMarked(one, INGRESS_MARKS)).sort(newestFirst);
    const [chosen] = marked;
    if (!chosen) return;
    ingress.spec = { ...ingress.spec, ingressClassName: chosen.metadata.name };
  },
};

function isMarked({ metadata }: KubeObject, marks: readonly string[]): boolean {
  return marks.some((mark) => metadata.annotations?.[mark] === 'true');
}

function newestFirst({ metadata: a }: KubeObject, { metadata: b }: KubeObject): number {
  const [left, right] = [a.creationTimestamp ?? '', b.creationTimestamp ?? ''];
  if (left === right) return a.name < b.name ? -1 : 1;
  return left > right ? -1 : 1;
}

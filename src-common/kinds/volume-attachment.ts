/** Which volumes are attached to a node before it can mount them, and what node statuses call them. Pure. */
import type { CSIDriver, PersistentVolume } from '#common/kube/types';

/** Nodes whose attachments the control plane manages, as kubelets set them up. */
export const MANAGED_ATTACHMENTS = 'volumes.kubernetes.io/controller-managed-attach-detach';

/** How a node's `volumesAttached` and `volumesInUse` name a volume; undefined for those that nobody attaches. */
export function attachableName(
  { spec: { csi } }: PersistentVolume,
  driverOf: (name: string) => CSIDriver | undefined,
): string | undefined {
  if (!csi || driverOf(csi.driver)?.spec.attachRequired === false) return undefined;
  return `kubernetes.io/csi/${csi.driver}^${csi.volumeHandle}`;
}

/** False for volumes that one node has to let go before another can have them. */
export function isSharedByNodes({ spec: { accessModes = [] } }: PersistentVolume): boolean {
  return accessModes.length === 0 || accessModes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');
}

/** Who a container runs as, and when that is refused (pkg/kubelet/kuberuntime/security_context.go). Pure. */
import type { Container, ContainerUser, Pod } from '#common/kube/types';
import type { ImageProfile } from '../containers/image-profile';

/** Who runs the processes of an image that nobody knows where they may not be root's, as in distroless images. */
const NONROOT = 65_532;

/** The user that Pod and container ask for; undefined, the image's own, when neither does. */
export function runAsUser(pod: Pod, container: Container, { openEnded }: ImageProfile): number | undefined {
  const asked = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  return asked ?? (openEnded && mustNotBeRoot(pod, container) ? NONROOT : undefined);
}

function mustNotBeRoot(pod: Pod, container: Container): boolean {
  return container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot ?? false;
}

/** Why runAsNonRoot does not let a container of this image start. */
export function rootRefusal(pod: Pod, container: Container, profile: ImageProfile): string | undefined {
  if (!mustNotBeRoot(pod, container)) return undefined;
  const { user } = profile;
  const { name, namespace = 'default', uid } = pod.metadata;
  const where = `(pod: "${name}_${namespace}(${uid})", container: ${container.name})`;
  const asked = runAsUser(pod, container, profile);
  if (asked !== undefined) {
    return asked === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined;
  }
  if (user?.name && user.uid !== 0) {
    return `container has runAsNonRoot and image has non-numeric user (${user.name}), cannot verify user is non-root ${where}`;
  }
  return user && user.uid !== 0 ? undefined : `container has runAsNonRoot and image will run as root ${where}`;
}

/** The identity of the first process as a status shows it. */
export function containerUser(pod: Pod, container: Container, profile: ImageProfile): ContainerUser {
  const { user } = profile;
  const context = pod.spec.securityContext;
  const own = runAsUser(pod, container, profile);
  const uid = own ?? user?.uid ?? 0;
  const asked = own !== undefined && own !== user?.uid;
  const gid = container.securityContext?.runAsGroup ?? context?.runAsGroup ?? (asked ? 0 : (user?.uid ?? 0));
  const groups = new Set([gid, ...(context?.supplementalGroups ?? []), ...(context?.fsGroup ? [context.fsGroup] : [])]);
  return { linux: { uid, gid, supplementalGroups: [...groups].sort((left, right) => left - right) } };
}

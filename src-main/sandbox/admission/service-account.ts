import { randomSuffix } from '#common/base/random';
import { ServiceAccounts } from '#common/kube/resources';
import type { Container, Pod, ServiceAccount, Volume } from '#common/kube/types';
import type { AdmissionCluster, AdmissionPlugin, AdmissionRequest } from './plugin';
import { secretsOf } from '#common/kinds/pod-references';
import { refused } from './refusal';
import { createdPod, isMirror } from './pod-request';

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN_VOLUME = 'kube-api-access-';
/** An hour and seven seconds: marks tokens that the server itself asked for. */
const TOKEN_SECONDS = 3607;

/** Every Pod runs as a service account and finds its token mounted. */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  mutate(request, cluster) {
    const pod = createdPod(request);
    if (!pod) return;
    if (isMirror(pod)) return refuseReferences(pod, request);
    const name = pod.spec.serviceAccountName || 'default';
    pod.spec.serviceAccountName = name;
    pod.spec.serviceAccount = name;
    const account = cluster.get(ServiceAccounts, `${request.namespace}/${name}`);
    if (!account) {
      const where = `${request.namespace}/${name}`;
      throw refused(request, `error looking up service account ${where}: serviceaccount "${name}" not found`);
    }
    if (!pod.spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
      pod.spec.imagePullSecrets = account.imagePullSecrets;
    }
    if (wantsToken(pod, account)) mountToken(pod, cluster);
  },
};

/** Mirrors are made by kubelets, which may not lead themselves anywhere. */
function refuseReferences(pod: Pod, request: AdmissionRequest): void {
  if (pod.spec.serviceAccountName) throw refused(request, 'a mirror pod may not reference service accounts');
  if (secretsOf(pod).length > 0) throw refused(request, 'a mirror pod may not reference secrets');
  const projected = (pod.spec.volumes ?? []).flatMap((volume) => volume.projected?.sources ?? []);
  if (projected.some(({ serviceAccountToken }) => serviceAccountToken)) {
    throw refused(request, 'a mirror pod may not use ServiceAccountToken volume projections');
  }
}

function wantsToken(pod: Pod, account: ServiceAccount): boolean {
  return pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
}

function mountToken({ spec }: Pod, { random }: AdmissionCluster): void {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const lacking = containers.filter((container) => !hasMount(container));
  if (lacking.length === 0) return;
  const known = spec.volumes?.find((volume) => volume.name.startsWith(TOKEN_VOLUME));
  const name = known?.name ?? `${TOKEN_VOLUME}${randomSuffix(random)}`;
  if (!known) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
  for (const container of lacking) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: MOUNT_PATH }];
  }
}

const hasMount = ({ volumeMounts = [] }: Container): boolean =>
  volumeMounts.some(({ mountPath }) => mountPath === MOUNT_PATH);

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 420,
    },
  };
}

/** The restricted level of the Pod Security Standards: what hardened Pods say. Pods for Windows need not say what only Linux knows. */
import type { Container } from '#common/kube/types';
import { baselineCapabilities, baselineChecks, baselineSeccomp, unconfined } from './baseline';
import { containersOf, named, noContainer, quoted, type Check, type CheckedPod } from './check';

function onLinux(check: Check): Check {
  return { ...check, violation: (pod) => (pod.spec.os?.name === 'windows' ? undefined : check.violation(pod)) };
}

const allowPrivilegeEscalation = noContainer(
  'allowPrivilegeEscalation != false',
  ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false,
  'must set securityContext.allowPrivilegeEscalation=false',
);

const capabilities: Check = {
  reason: 'unrestricted capabilities',
  violation(pod) {
    const containers = containersOf(pod);
    const keeping = containers.filter(
      ({ securityContext }) => !(securityContext?.capabilities?.drop ?? []).includes('ALL'),
    );
    const added = ({ securityContext }: Container): string[] =>
      (securityContext?.capabilities?.add ?? []).filter((one) => one !== 'NET_BIND_SERVICE');
    const adding = containers.filter((container) => added(container).length > 0);
    const texts = [];
    if (keeping.length > 0) texts.push(`${named(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
    if (adding.length > 0) {
      const all = [...new Set(adding.flatMap(added))].sort();
      texts.push(`${named(adding)} must not include ${quoted(all)} in securityContext.capabilities.add`);
    }
    return texts.length > 0 ? texts.join('; ') : undefined;
  },
};

const ALLOWED_VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

const volumeTypes: Check = {
  reason: 'restricted volume types',
  violation({ spec }) {
    const typeOf = (volume: object): string => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
    const bad = (spec.volumes ?? []).filter((volume) => !ALLOWED_VOLUMES.has(typeOf(volume)));
    if (bad.length === 0) return undefined;
    const types = [...new Set(bad.map(typeOf))].sort();
    const use = bad.length === 1 ? 'uses' : 'use';
    return `${named(bad, 'volume')} ${use} restricted volume type${types.length === 1 ? '' : 's'} ${quoted(types)}`;
  },
};

const runAsNonRoot: Check = {
  reason: 'runAsNonRoot != true',
  violation(pod) {
    const own = pod.spec.securityContext?.runAsNonRoot;
    const containers = containersOf(pod);
    const refusing = containers.filter(({ securityContext }) => securityContext?.runAsNonRoot === false);
    const silent = containers.filter(({ securityContext }) => securityContext?.runAsNonRoot === undefined);
    const setters = [...(own === false ? ['pod'] : []), ...(refusing.length > 0 ? [named(refusing)] : [])];
    if (setters.length > 0) return `${setters.join(' and ')} must not set securityContext.runAsNonRoot=false`;
    if (own === true || silent.length === 0) return undefined;
    return `pod or ${named(silent)} must set securityContext.runAsNonRoot=true`;
  },
};

const runAsUser: Check = {
  reason: 'runAsUser=0',
  violation(pod) {
    const bad = containersOf(pod).filter(({ securityContext }) => securityContext?.runAsUser === 0);
    const setters = [
      ...(pod.spec.securityContext?.runAsUser === 0 ? ['pod'] : []),
      ...(bad.length > 0 ? [named(bad)] : []),
    ];
    return setters.length > 0 ? `${setters.join(' and ')} must not set runAsUser=0` : undefined;
  },
};

const seccomp: Check = {
  reason: 'seccompProfile',
  violation(pod: CheckedPod) {
    const setters = unconfined(pod);
    if (setters.length > 0) {
      return `${setters.join(' and ')} must not set securityContext.seccompProfile.type to "Unconfined"`;
    }
    if (pod.spec.securityContext?.seccompProfile) return undefined;
    const silent = containersOf(pod).filter(({ securityContext }) => !securityContext?.seccompProfile);
    if (silent.length === 0) return undefined;
    return `pod or ${named(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  },
};

/** Everything of the baseline that is not sharpened here, then what the level adds. */
export const restrictedChecks: readonly Check[] = [
  ...baselineChecks.filter((check) => check !== baselineCapabilities && check !== baselineSeccomp),
  onLinux(allowPrivilegeEscalation),
  onLinux(capabilities),
  volumeTypes,
  runAsNonRoot,
  runAsUser,
  onLinux(seccomp),
];

/** The baseline level of the Pod Security Standards: no known way to gain privileges. */
import type { Container, PodSpec, SELinuxOptions } from '#common/kube/types';
import { containersOf, named, noContainer, quoted, type Check, type CheckedPod } from './check';

const appArmor: Check = {
  reason: 'forbidden AppArmor profile',
  violation(pod) {
    const isBad = (type: string | undefined): boolean => type === 'Unconfined';
    const bad = containersOf(pod).filter(({ securityContext }) => isBad(securityContext?.appArmorProfile?.type));
    const setters = [
      ...(isBad(pod.spec.securityContext?.appArmorProfile?.type) ? ['pod'] : []),
      ...(bad.length > 0 ? [named(bad)] : []),
    ];
    return setters.length > 0
      ? `${setters.join(' and ')} must not set AppArmor profile type to "Unconfined"`
      : undefined;
  },
};

const USUAL_CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

export const baselineCapabilities: Check = {
  reason: 'non-default capabilities',
  violation(pod) {
    const forbidden = (container: Container): string[] =>
      (container.securityContext?.capabilities?.add ?? []).filter((one) => !USUAL_CAPABILITIES.has(one));
    const bad = containersOf(pod).filter((container) => forbidden(container).length > 0);
    if (bad.length === 0) return undefined;
    const added = [...new Set(bad.flatMap(forbidden))].sort();
    return `${named(bad)} must not include ${quoted(added)} in securityContext.capabilities.add`;
  },
};

const hostNamespaces: Check = {
  reason: 'host namespaces',
  violation({ spec }) {
    const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name]);
    return shared.length > 0 ? shared.map((name) => `${name}=true`).join(', ') : undefined;
  },
};

const hostPathVolumes: Check = {
  reason: 'hostPath volumes',
  violation({ spec }) {
    const bad = (spec.volumes ?? []).filter(({ hostPath }) => hostPath);
    return bad.length > 0 ? named(bad, 'volume') : undefined;
  },
};

const hostPorts: Check = {
  reason: 'hostPort',
  violation(pod) {
    const portsOf = ({ ports = [] }: Container): number[] => ports.flatMap(({ hostPort }) => hostPort || []);
    const bad = containersOf(pod).filter((container) => portsOf(container).length > 0);
    if (bad.length === 0) return undefined;
    const ports = [...new Set(bad.flatMap(portsOf).map(String))].sort();
    return `${named(bad)} ${bad.length === 1 ? 'uses' : 'use'} hostPort${ports.length === 1 ? '' : 's'} ${ports.join(', ')}`;
  },
};

const privileged = noContainer(
  'privileged',
  ({ securityContext }) => securityContext?.privileged === true,
  'must not set securityContext.privileged=true',
);

const procMount: Check = {
  reason: 'procMount',
  violation(pod) {
    const mount = ({ securityContext }: Container): string => securityContext?.procMount ?? 'Default';
    const bad = containersOf(pod).filter((container) => mount(container) !== 'Default');
    if (bad.length === 0) return undefined;
    const values = [...new Set(bad.map(mount))].sort();
    return `${named(bad)} must not set securityContext.procMount to ${quoted(values)}`;
  },
};

const SELINUX_TYPES = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);

const seLinux: Check = {
  reason: 'seLinuxOptions',
  violation(pod) {
    const own = pod.spec.securityContext?.seLinuxOptions;
    const bad = containersOf(pod).filter(({ securityContext }) => isBadSeLinux(securityContext?.seLinuxOptions));
    const setters = [...(isBadSeLinux(own) ? ['pod'] : []), ...(bad.length > 0 ? [named(bad)] : [])];
    if (setters.length === 0) return undefined;
    const all = [own, ...bad.map(({ securityContext }) => securityContext?.seLinuxOptions)].filter(
      (one) => one !== undefined,
    );
    const types = [...new Set(all.map(({ type = '' }) => type))].filter((type) => !SELINUX_TYPES.has(type)).sort();
    const words = [
      ...(types.length > 0 ? [`type${types.length === 1 ? '' : 's'} ${quoted(types)}`] : []),
      ...(all.some(({ user }) => user) ? ['user may not be set'] : []),
      ...(all.some(({ role }) => role) ? ['role may not be set'] : []),
    ];
    return `${setters.join(' and ')} set forbidden securityContext.seLinuxOptions: ${words.join('; ')}`;
  },
};

function isBadSeLinux(options: SELinuxOptions | undefined): boolean {
  return (
    options !== undefined && (!SELINUX_TYPES.has(options.type ?? '') || Boolean(options.user) || Boolean(options.role))
  );
}

export const baselineSeccomp: Check = {
  reason: 'seccompProfile',
  violation(pod) {
    const setters = unconfined(pod);
    if (setters.length === 0) return undefined;
    return `${setters.join(' and ')} must not set securityContext.seccompProfile.type to "Unconfined"`;
  },
};

/** `pod`, `container "a"`: who turns seccomp off. */
export function unconfined(pod: CheckedPod): string[] {
  const isOff = (context: { seccompProfile?: { type: string } } | undefined): boolean =>
    context?.seccompProfile?.type === 'Unconfined';
  const bad = containersOf(pod).filter(({ securityContext }) => isOff(securityContext));
  return [...(isOff(pod.spec.securityContext) ? ['pod'] : []), ...(bad.length > 0 ? [named(bad)] : [])];
}

const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);

const sysctls: Check = {
  reason: 'forbidden sysctls',
  violation({ spec }) {
    const bad = sysctlNames(spec).filter((name) => !SAFE_SYSCTLS.has(name));
    return bad.length > 0 ? bad.sort().join(', ') : undefined;
  },
};

const sysctlNames = ({ securityContext }: PodSpec): string[] =>
  (securityContext?.sysctls ?? []).map(({ name }) => name);

const windowsHostProcess: Check = {
  reason: 'hostProcess',
  violation(pod) {
    const isHost = (context: { windowsOptions?: { hostProcess?: boolean } } | undefined): boolean =>
      context?.windowsOptions?.hostProcess === true;
    const bad = containersOf(pod).filter(({ securityContext }) => isHost(securityContext));
    const setters = [...(isHost(pod.spec.securityContext) ? ['pod'] : []), ...(bad.length > 0 ? [named(bad)] : [])];
    if (setters.length === 0) return undefined;
    return `${setters.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true`;
  },
};

/** In the order in which violations are told. The two that the restricted level sharpens are exported on their own. */
export const baselineChecks: readonly Check[] = [
  appArmor,
  baselineCapabilities,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  privileged,
  procMount,
  seLinux,
  baselineSeccomp,
  sysctls,
  windowsHostProcess,
];

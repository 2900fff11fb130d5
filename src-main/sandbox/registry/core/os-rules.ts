/** What a Pod may not have because of the operating system that it names. */
import type { PodSpec } from '#common/kube/types';
import { forbiddenField, notSupported, required, type FieldError } from '../field-errors';

const SYSTEMS = ['linux', 'windows'];
const NOT_ON_LINUX = 'windows options cannot be set for a linux pod';
const NOT_ON_WINDOWS = 'cannot be set for a windows pod';

/** In the order in which the server finds them; `context` fields stand in the security context. */
const OF_LINUX_PODS: readonly (readonly ['context' | 'pod', string])[] = [
  ['context', 'appArmorProfile'],
  ['context', 'seLinuxOptions'],
  ['pod', 'hostUsers'],
  ['pod', 'hostPID'],
  ['pod', 'hostIPC'],
  ['context', 'seccompProfile'],
  ['context', 'fsGroup'],
  ['context', 'fsGroupChangePolicy'],
  ['context', 'sysctls'],
  ['pod', 'shareProcessNamespace'],
  ['context', 'runAsUser'],
  ['context', 'runAsGroup'],
  ['context', 'supplementalGroups'],
  ['context', 'supplementalGroupsPolicy'],
  ['context', 'seLinuxChangePolicy'],
];
const OF_LINUX_CONTAINERS = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;
const SWITCHES = new Set(['hostPID', 'hostIPC']);
const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

export function checkOs(spec: PodSpec, path: string, into: FieldError[]): void {
  const name = spec.os?.name;
  if (!name) into.push(required(`${path}.os.name`));
  else if (!SYSTEMS.includes(name)) into.push(notSupported(`${path}.os`, name, SYSTEMS));
  else if (name === 'linux') checkLinux(spec, path, into);
  else checkWindows(spec, path, into);
}

function checkLinux(spec: PodSpec, path: string, into: FieldError[]): void {
  if (spec.securityContext?.windowsOptions)
    into.push(forbiddenField(`${path}.securityContext.windowsOptions`, NOT_ON_LINUX));
  for (const list of LISTS)
    for (const [at, { securityContext }] of (spec[list] ?? []).entries())
      if (securityContext?.windowsOptions)
        into.push(forbiddenField(`${path}.${list}[${at}].securityContext.windowsOptions`, NOT_ON_LINUX));
}

function checkWindows(spec: PodSpec, path: string, into: FieldError[]): void {
  const places = {
    context: (spec.securityContext ?? {}) as Record<string, unknown>,
    pod: spec as unknown as Record<string, unknown>,
  };
  for (const [place, field] of OF_LINUX_PODS) {
    const value = places[place][field];
    const isSet = SWITCHES.has(field) ? value === true : value !== undefined;
    const name = place === 'context' ? `${path}.securityContext.${field}` : `${path}.${field}`;
    if (isSet) into.push(forbiddenField(name, NOT_ON_WINDOWS));
  }
  for (const list of LISTS)
    for (const [at, { securityContext }] of (spec[list] ?? []).entries())
      for (const field of OF_LINUX_CONTAINERS)
        if (securityContext?.[field] !== undefined)
          into.push(forbiddenField(`${path}.${list}[${at}].securityContext.${field}`, NOT_ON_WINDOWS));
}

/** What the server warns of in Pods and templates that it accepts (pkg/api/pod's warnings). */
import type { ObjectMeta } from '#common/kube/object';
import type { Container, ContainerPort, PodAffinity, PodSpec, PodTemplateSpec } from '#common/kube/types';
import { quantityNanos } from '#main/sandbox/machinery/quantity';
import { ipWarnings } from '../ip-rules';
import { dnsLabel } from '../names';
import { claimWarnings } from './claim-rules';
import { deprecationOf, nodeTermWarnings } from './node-labels';
import { APP_ARMOR, SECCOMP_CONTAINER, SECCOMP_POD } from './pod-annotation-rules';
import { overlapWarnings } from './volume-overlaps';

type Annotations = ObjectMeta['annotations'];

/** A name that Pods and their hosts will have. `use` is where. */
export function hostnameWarnings(name: string, use: string): string[] {
  const problems = dnsLabel(name);
  if (problems.length === 0) return [];
  return [
    `metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`,
  ];
}

export function templateWarnings(template: PodTemplateSpec | undefined, path: string): string[] {
  if (!template?.spec) return [];
  return [...podWarnings(template.spec, template.metadata?.annotations, `${path}.`, true)];
}

/** `prefix` is empty for Pods, and ends with a point for templates. */
export function podWarnings(spec: PodSpec, annotations: Annotations, prefix: string, isTemplate: boolean): string[] {
  const path = `${prefix}spec`;
  return [
    ...placementWarnings(spec, path),
    ...(annotations ? annotationWarnings(annotations, `${prefix}metadata.annotations`) : []),
    ...(spec.volumes ? volumeWarnings(spec.volumes, `${path}.volumes`) : []),
    ...listWarnings(spec, path),
    ...profileWarnings(spec, annotations, `${prefix}metadata.annotations`),
    ...containerWarnings(spec, path, isTemplate ? annotations : undefined, `${prefix}metadata.annotations`),
    ...portWarnings(spec, path),
    ...graceWarnings(spec, path),
    ...affinityWarnings(spec, `${path}.affinity`),
    ...addressWarnings(spec, path),
  ];
}

function placementWarnings(
  { nodeSelector, affinity, topologySpreadConstraints = [] }: PodSpec,
  path: string,
): string[] {
  const nodes = affinity?.nodeAffinity;
  const required = nodes?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const preferred = nodes?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const here = `${path}.affinity.nodeAffinity`;
  return [
    ...Object.keys(nodeSelector ?? {}).flatMap((key) => {
      const deprecation = deprecationOf(key);
      return deprecation ? [`${path}.nodeSelector[${key}]: ${deprecation}`] : [];
    }),
    ...required.flatMap((term, at) =>
      nodeTermWarnings(term, `${here}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${at}]`),
    ),
    ...preferred.flatMap(({ preference }, at) =>
      nodeTermWarnings(preference, `${here}.preferredDuringSchedulingIgnoredDuringExecution[${at}].preference`, true),
    ),
    ...topologySpreadConstraints.flatMap(({ topologyKey, labelSelector }, at) => {
      const deprecation = deprecationOf(topologyKey);
      const one = `${path}.topologySpreadConstraints[${at}]`;
      return [
        ...(deprecation ? [`${one}.topologyKey: ${topologyKey} is ${deprecation}`] : []),
        ...(labelSelector ? [] : [`${one}.labelSelector: ${NO_POD}`]),
      ];
    }),
  ];
}

const NO_POD = 'a null labelSelector results in matching no pod';
const SYSCTLS = 'non-functional in v1.11+; use the "sysctls" field instead';
const OLD_ANNOTATIONS: readonly (readonly [string, string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', SYSCTLS],
  ['security.alpha.kubernetes.io/unsafe-sysctls', SYSCTLS],
];

function annotationWarnings(annotations: NonNullable<Annotations>, path: string): string[] {
  return OLD_ANNOTATIONS.flatMap(([key, text]) => (key in annotations ? [`${path}[${key}]: ${text}`] : []));
}

type Volume = NonNullable<PodSpec['volumes']>[number];
const OLD_VOLUMES: readonly (readonly [field: keyof Volume, path: string, text: string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

function volumeWarnings(volumes: readonly Volume[], path: string): string[] {
  const each = volumes.flatMap((volume, at) => {
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
    return [
      ...OLD_VOLUMES.flatMap(([field, name, text]) =>
        volume[field] === undefined ? [] : [`${path}[${at}].${name}: ${text}`],
      ),
      ...(claim ? claimWarnings(claim, `${path}[${at}].ephemeral.volumeClaimTemplate.spec`) : []),
    ];
  });
  return [...each, ...overlapWarnings(volumes)];
}

function listWarnings({ hostAliases = [], imagePullSecrets = [], overhead }: PodSpec, path: string): string[] {
  const secrets = imagePullSecrets.map(({ name = '' }) => name);
  return [
    ...repeated(
      hostAliases.map(({ ip }) => ip),
      (ip, at) => `${path}.hostAliases[${at}].ip: duplicate ip "${ip}"`,
    ),
    ...repeated(secrets, (name, at) => `${path}.imagePullSecrets[${at}].name: duplicate name "${name}"`),
    ...secrets.flatMap((name, at) =>
      name === '' ? [`${path}.imagePullSecrets[${at}].name: invalid empty name ""`] : [],
    ),
    ...fractions(overhead, `${path}.overhead`),
  ];
}

function repeated(values: readonly string[], text: (value: string, at: number) => string): string[] {
  return values.flatMap((value, at) => (values.indexOf(value) < at ? [text(value, at)] : []));
}

const BYTES = ['memory', 'ephemeral-storage'];

function fractions(amounts: Record<string, string> | undefined, path: string, names = BYTES): string[] {
  if (!amounts) return [];
  return names.flatMap((name) => {
    const amount = amounts[name];
    if (amount === undefined || quantityNanos(amount) % 1_000_000_000n === 0n) return [];
    return [`${path}[${name}]: fractional byte value "${amount}" is invalid, must be an integer`];
  });
}

const USE_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead';
export const USE_APP_ARMOR = 'deprecated since v1.30; use the "appArmorProfile" field instead';

function profileWarnings({ securityContext }: PodSpec, annotations: Annotations, path: string): string[] {
  const isOld = annotations?.[SECCOMP_POD] !== undefined && !securityContext?.seccompProfile;
  return isOld ? [`${path}[${SECCOMP_POD}]: ${USE_SECCOMP}`] : [];
}

const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** Every container with its path, in the order in which the server visits them. */
function visited(spec: PodSpec, path: string): { container: Container; here: string }[] {
  return LISTS.flatMap((list) =>
    (spec[list] ?? []).map((container, at) => ({ container, here: `${path}.${list}[${at}]` })),
  );
}

function containerWarnings(spec: PodSpec, path: string, annotations: Annotations, where: string): string[] {
  return visited(spec, path).flatMap(({ container, here }) => {
    const { name, resources, securityContext, env = [] } = container;
    const seccomp = `${SECCOMP_CONTAINER}${name}`;
    const armor = `${APP_ARMOR}${name}`;
    return [
      ...(annotations?.[seccomp] !== undefined && !securityContext?.seccompProfile
        ? [`${where}[${seccomp}]: ${USE_SECCOMP}`]
        : []),
      ...(annotations?.[armor] !== undefined && !securityContext?.appArmorProfile
        ? [`${where}[${armor}]: ${USE_APP_ARMOR}`]
        : []),
      ...BYTES.flatMap((one) => [
        ...fractions(resources?.limits, `${here}.resources.limits`, [one]),
        ...fractions(resources?.requests, `${here}.resources.requests`, [one]),
      ]),
      ...(env.length > 1 ? environmentWarnings(env, here) : []),
    ];
  });
}

function environmentWarnings(env: NonNullable<Container['env']>, path: string): string[] {
  const names = new Set<string>();
  return env.flatMap(({ name, value = '', valueFrom }, at) => {
    if (!names.has(name)) {
      names.add(name);
      return [];
    }
    const reference = `$(${name})`;
    const isExtended = !valueFrom && value !== reference && value.includes(reference);
    if (isExtended) return [];
    return [`${path}.env[${at}]: hides previous definition of "${name}", which may be dropped when using apply`];
  });
}

interface PlacedPort {
  port: ContainerPort;
  here: string;
}

function portWarnings(spec: PodSpec, path: string): string[] {
  const ports = visited(spec, path).flatMap(({ container, here }) =>
    (container.ports ?? []).map((port, at): PlacedPort => ({ port, here: `${here}.ports[${at}]` })),
  );
  if (ports.length === 0) return [];
  const named = new Map<string, string>();
  return [
    ...ports.flatMap((one, at) => [
      ...(one.port.hostIP && !one.port.hostPort
        ? [`${one.here}: hostIP set without hostPort: ${goStruct(one.port)}`]
        : []),
      ...ports.slice(0, at).flatMap((other) => pairWarning(one, other)),
    ]),
    ...ports.flatMap(({ port: { name }, here }) => {
      if (!name) return [];
      const first = named.get(name);
      if (first === undefined) named.set(name, here);
      return first === undefined
        ? []
        : [
            `${here}: duplicate port name "${name}" with ${first}, services and probes that select ports by name will use ${first}`,
          ];
    }),
  ];
}

/** `%+v` of a port. */
function goStruct({ name = '', hostPort = 0, containerPort, protocol = '', hostIP = '' }: ContainerPort): string {
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
}

function pairWarning({ port: a, here }: PlacedPort, { port: b, here: other }: PlacedPort): string[] {
  if (a.containerPort !== b.containerPort || a.protocol !== b.protocol) return [];
  const [ipA = '', ipB = '', portA = 0, portB = 0] = [a.hostIP, b.hostIP, a.hostPort, b.hostPort];
  if (ipA === ipB && portA === portB) return [`${here}: duplicate port definition with ${other}`];
  if (portA === 0 || portB === 0) return [`${here}: overlapping port definition with ${other}`];
  const isOneOpen = (ipA === '') !== (ipB === '');
  return portA === portB && isOneOpen ? [`${here}: dangerously ambiguous port definition with ${other}`] : [];
}

function graceWarnings({ terminationGracePeriodSeconds: grace }: PodSpec, path: string): string[] {
  if (grace === undefined || grace >= 0) return [];
  return [`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`];
}

function affinityWarnings({ affinity }: PodSpec, path: string): string[] {
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((kind) =>
    affinity?.[kind] ? termWarnings(affinity[kind], `${path}.${kind}`) : [],
  );
}

function termWarnings(affinity: PodAffinity, path: string): string[] {
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...required.flatMap(({ labelSelector }, at) =>
      labelSelector ? [] : [`${path}.requiredDuringSchedulingIgnoredDuringExecution[${at}].labelSelector: ${NO_POD}`],
    ),
    ...preferred.flatMap(({ podAffinityTerm: { labelSelector } }, at) =>
      labelSelector
        ? []
        : [`${path}.preferredDuringSchedulingIgnoredDuringExecution[${at}].podAffinityTerm.labelSelector: ${NO_POD}`],
    ),
  ];
}

function addressWarnings({ dnsConfig, hostAliases = [] }: PodSpec, path: string): string[] {
  return [
    ...(dnsConfig?.nameservers ?? []).flatMap((server, at) =>
      ipWarnings(`${path}.dnsConfig.nameservers[${at}]`, server),
    ),
    ...hostAliases.flatMap(({ ip }, at) => ipWarnings(`${path}.hostAliases[${at}].ip`, ip)),
  ];
}

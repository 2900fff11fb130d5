/** The rules of a Pod's spec (core validation's ValidatePodSpec), in the server's own order. */
import type { ObjectMeta } from '#common/kube/object';
import type { Container, PodDNSConfig, PodSpec, PodTemplateSpec } from '#common/kube/types';
import {
  duplicateValue,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  tooLong,
  valueNotFound,
  type FieldError,
} from '../field-errors';
import { checkIp } from '../ip-rules';
import { checkAnnotations, checkLabels } from '../metadata-rules';
import { dnsLabel, dnsSubdomain, qualifiedName, searchDomain } from '../names';
import { checkName, checkWord } from '../value-rules';
import {
  checkContainers,
  checkEphemeralContainers,
  checkInitContainers,
  checkPadding,
  type ContainerPlace,
} from './container-rules';
import { checkAffinity, checkSpreading, checkTolerations } from './placement-rules';
import { checkPodAnnotations, checkProfileAnnotations } from './pod-annotation-rules';
import { checkPodAmounts } from './pod-resource-rules';
import { checkHostProcesses, checkPodSecurity } from './security-rules';
import { checkContainerResources } from './resource-rules';
import { checkVolumes } from './volume-rules';
import { checkOs } from './os-rules';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never'];
const NO_NAMES: ReadonlySet<string> = new Set();
const MOST_SECONDS = 2_147_483_647;

/** `pod` is missing in templates. */
export function checkPodSpec(
  spec: PodSpec,
  path: string,
  into: FieldError[],
  pod?: Pick<ObjectMeta, 'name' | 'annotations'>,
): void {
  const volumes = checkVolumes(spec.volumes, `${path}.volumes`, { pod }, into);
  const claims = spec.resourceClaims
    ? checkResourceClaims(spec.resourceClaims, `${path}.resourceClaims`, into)
    : NO_NAMES;
  const place: ContainerPlace = {
    volumes,
    claims,
    restartPolicy: spec.restartPolicy,
    hostUsers: spec.hostUsers !== false,
    graceSeconds: spec.terminationGracePeriodSeconds,
    os: spec.os?.name,
  };
  checkContainerLists(spec, path, place, into);
  if (spec.resources) checkPodAmounts(spec, path, claims, into);
  if (spec.hostNetwork) checkHostNetworkPorts(spec.containers ?? [], path, pod !== undefined, into);
  checkWord(spec.restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`, into);
  checkWord(spec.dnsPolicy, DNS_POLICIES, `${path}.dnsPolicy`, into);
  checkLabels(spec.nodeSelector, `${path}.nodeSelector`, into);
  checkPodSecurity(spec, `${path}.securityContext`, into);
  if (spec.affinity) checkAffinity(spec.affinity, `${path}.affinity`, into);
  checkDns(spec.dnsConfig, spec.dnsPolicy, `${path}.dnsConfig`, into);
  checkGates(spec, path, into);
  if (spec.topologySpreadConstraints)
    checkSpreading(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`, into);
  checkHostProcesses(spec, path, into);
  checkHostUsers(spec, path, into);
  checkHostnameOverride(spec, path, into);
  checkNames(spec, path, into);
  checkRest(spec, path, into);
}

function checkContainerLists(spec: PodSpec, path: string, place: ContainerPlace, into: FieldError[]): void {
  const { containers = [], initContainers = [] } = spec;
  checkContainers(containers, `${path}.containers`, place, into);
  if (spec.initContainers)
    checkInitContainers(initContainers, `${path}.initContainers`, { ...place, others: containers }, into);
  if (spec.ephemeralContainers) {
    const others = [...containers, ...initContainers];
    checkEphemeralContainers(spec.ephemeralContainers, `${path}.ephemeralContainers`, { ...place, others }, into);
  }
}

function checkResourceClaims(
  claims: NonNullable<PodSpec['resourceClaims']>,
  path: string,
  into: FieldError[],
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [at, claim] of claims.entries()) {
    const here = `${path}[${at}]`;
    const { name, resourceClaimName: own, resourceClaimTemplateName: template } = claim;
    if (!name) into.push(required(`${here}.name`));
    else if (names.has(name)) into.push(duplicateValue(`${here}.name`, name));
    else checkName(name, dnsLabel, `${here}.name`, into);
    if (name) names.add(name);
    const written = { Name: name, ResourceClaimName: own ?? null, ResourceClaimTemplateName: template ?? null };
    if (own !== undefined && template !== undefined)
      into.push(
        invalidValue(
          here,
          written,
          'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
        ),
      );
    if (own === undefined && template === undefined)
      into.push(invalidValue(here, written, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
    if (own !== undefined) checkName(own, dnsSubdomain, `${here}.resourceClaimName`, into);
    if (template !== undefined) checkName(template, dnsSubdomain, `${here}.resourceClaimTemplateName`, into);
  }
  return names;
}

/** On the node's own network a container's port is the node's. */
function checkHostNetworkPorts(
  containers: readonly Container[],
  path: string,
  isPod: boolean,
  into: FieldError[],
): void {
  for (const [at, { ports = [] }] of (containers ?? []).entries())
    for (const [index, { hostPort = 0, containerPort }] of ports.entries())
      if ((isPod || hostPort !== 0) && hostPort !== containerPort)
        into.push(
          invalidValue(
            `${path}.containers[${at}].ports[${index}].hostPort`,
            hostPort,
            'must match `containerPort` when `hostNetwork` is true',
          ),
        );
}

const MOST_SERVERS = 3;
const MOST_SEARCHES = 32;
const LONGEST_SEARCHES = 2048;

function checkDns(
  config: PodDNSConfig | undefined,
  policy: string | undefined,
  path: string,
  into: FieldError[],
): void {
  if (policy === 'None' && !config) {
    into.push(required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'));
    return;
  }
  if (!config) return;
  const { nameservers = [], searches = [], options = [] } = config;
  if (policy === 'None' && nameservers.length === 0) {
    const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
    into.push(required(`${path}.nameservers`, detail));
    return;
  }
  if (nameservers.length > MOST_SERVERS)
    into.push(invalidValue(`${path}.nameservers`, nameservers, `must not have more than ${MOST_SERVERS} nameservers`));
  for (const [at, server] of nameservers.entries()) checkIp(server, `${path}.nameservers[${at}]`, into);
  if (searches.length > MOST_SEARCHES)
    into.push(invalidValue(`${path}.searches`, searches, `must not have more than ${MOST_SEARCHES} search paths`));
  if (searches.join(' ').length > LONGEST_SEARCHES) {
    const detail = `must not have more than ${LONGEST_SEARCHES} characters (including spaces) in the search list`;
    into.push(invalidValue(`${path}.searches`, searches, detail));
  }
  for (const [at, search] of searches.entries())
    if (search !== '.') checkName(search.replace(/\.$/, ''), searchDomain, `${path}.searches[${at}]`, into);
  for (const [at, { name }] of options.entries())
    if (!name) into.push(required(`${path}.options[${at}]`, 'must not be empty'));
}

function checkGates({ readinessGates, schedulingGates }: PodSpec, path: string, into: FieldError[]): void {
  for (const [at, { conditionType }] of (readinessGates ?? []).entries())
    checkName(conditionType, qualifiedName, `${path}.readinessGates[${at}].conditionType`, into);
  if (!schedulingGates) return;
  const names = new Set<string>();
  for (const [at, { name }] of schedulingGates.entries()) {
    const here = `${path}.schedulingGates[${at}]`;
    checkName(name, qualifiedName, here, into);
    if (names.has(name)) into.push(duplicateValue(here, name));
    names.add(name);
  }
}

const OWN_USERS = 'when `hostUsers` is false';

function checkHostUsers({ hostUsers, hostNetwork, hostPID, hostIPC }: PodSpec, path: string, into: FieldError[]): void {
  if (hostUsers !== false) return;
  if (hostNetwork) into.push(forbiddenField(`${path}.hostNetwork`, OWN_USERS));
  if (hostPID) into.push(forbiddenField(`${path}.HostPID`, OWN_USERS));
  if (hostIPC) into.push(forbiddenField(`${path}.HostIPC`, OWN_USERS));
}

function checkHostnameOverride(spec: PodSpec, path: string, into: FieldError[]): void {
  const { hostnameOverride: name } = spec;
  if (name === undefined) return;
  const field = `${path}.hostnameOverride`;
  if (spec.setHostnameAsFQDN) into.push(forbiddenField(field, 'may not be specified when setHostnameAsFQDN is true'));
  if (spec.hostNetwork) into.push(forbiddenField(field, 'may not be specified when hostNetwork is true'));
  if (name.length > 64) into.push(tooLong(field, 64));
  checkName(name, dnsSubdomain, field, into);
}

function checkNames(spec: PodSpec, path: string, into: FieldError[]): void {
  const { serviceAccountName, nodeName, activeDeadlineSeconds: deadline } = spec;
  if (serviceAccountName) checkName(serviceAccountName, dnsSubdomain, `${path}.serviceAccountName`, into);
  if (nodeName) checkName(nodeName, dnsSubdomain, `${path}.nodeName`, into);
  if (deadline !== undefined && (deadline < 1 || deadline > MOST_SECONDS))
    into.push(
      invalidValue(`${path}.activeDeadlineSeconds`, deadline, `must be between 1 and ${MOST_SECONDS}, inclusive`),
    );
  if (spec.hostname) checkName(spec.hostname, dnsLabel, `${path}.hostname`, into);
  if (spec.subdomain) checkName(spec.subdomain, dnsLabel, `${path}.subdomain`, into);
}

function checkRest(spec: PodSpec, path: string, into: FieldError[]): void {
  const { tolerations, hostAliases, priorityClassName, runtimeClassName, preemptionPolicy, overhead } = spec;
  if (tolerations) checkTolerations(tolerations, `${path}.tolerations`, into);
  for (const [at, { ip, hostnames = [] }] of (hostAliases ?? []).entries()) {
    const here = `${path}.hostAliases[${at}]`;
    checkIp(ip, `${here}.ip`, into);
    for (const [index, name] of hostnames.entries()) checkName(name, dnsSubdomain, `${here}.hostnames[${index}]`, into);
  }
  if (priorityClassName) checkName(priorityClassName, dnsSubdomain, `${path}.priorityClassName`, into);
  if (runtimeClassName !== undefined) checkName(runtimeClassName, dnsSubdomain, `${path}.runtimeClassName`, into);
  if (preemptionPolicy !== undefined)
    checkWord(preemptionPolicy, PREEMPTION_POLICIES, `${path}.preemptionPolicy`, into);
  if (overhead) checkContainerResources({ limits: overhead }, `${path}.overhead`, NO_NAMES, into);
  if (spec.os) checkOs(spec, path, into);
  checkFileVolumes(spec, path, into);
}

/** Variables from files: the files stand in volumes that are there from the start. */
function checkFileVolumes(spec: PodSpec, path: string, into: FieldError[]): void {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const)
    for (const [at, { env }] of (spec[list] ?? []).entries())
      for (const [index, { valueFrom }] of (env ?? []).entries()) {
        const name = valueFrom?.fileKeyRef?.volumeName;
        if (name === undefined) continue;
        const field = `${path}.${list}[${at}].env[${index}].valueFrom.fileKeyRef.volumeName`;
        const volume = spec.volumes?.find((one) => one.name === name);
        if (!volume) into.push(valueNotFound(field, name));
        else if (!volume.emptyDir) into.push(invalidValue(field, name, 'referenced volume must be of type emptyDir'));
      }
}

/** The rules of a whole Pod but its metadata's common ones. */
export function checkPodBody(metadata: ObjectMeta, spec: PodSpec, into: FieldError[]): void {
  checkPodAnnotations(metadata.annotations, spec, 'metadata.annotations', into);
  checkPodSpec(spec, 'spec', into, metadata);
  if (!spec.serviceAccountName) checkNoTokens(spec, into);
  for (const list of ['containers', 'initContainers'] as const)
    for (const [at, container] of (spec[list] ?? []).entries()) checkPadding(container, `spec.${list}[${at}]`, into);
}

function checkNoTokens({ volumes = [] }: PodSpec, into: FieldError[]): void {
  for (const [at, { projected }] of volumes.entries())
    for (const [index, { serviceAccountToken }] of (projected?.sources ?? []).entries())
      if (serviceAccountToken)
        into.push(
          forbiddenField(
            `spec.volumes[${at}].projected.sources[${index}].serviceAccountToken`,
            'must not be specified when serviceAccountName is not set',
          ),
        );
}

/** The rules of a template that workloads make Pods of. */
export function checkPodTemplate(template: PodTemplateSpec | undefined, path: string, into: FieldError[]): void {
  const { metadata = {}, spec = NO_SPEC } = template ?? {};
  checkLabels(metadata.labels, `${path}.labels`, into);
  checkAnnotations(metadata.annotations, `${path}.annotations`, into);
  checkPodAnnotations(metadata.annotations, spec, `${path}.annotations`, into);
  checkPodSpec(spec, `${path}.spec`, into);
  checkProfileAnnotations(metadata.annotations, spec, `${path}.spec`, into);
  if (spec.ephemeralContainers?.length)
    into.push(forbiddenField(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
}

const NO_SPEC: PodSpec = { containers: [] };

/** Workloads whose Pods live for ever; `name` is the kind as the refusal calls it. */
export function checkLastingPods(
  template: PodTemplateSpec | undefined,
  name: string,
  path: string,
  into: FieldError[],
) {
  const { restartPolicy = '', activeDeadlineSeconds } = template?.spec ?? {};
  if (restartPolicy !== 'Always') into.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy, ['Always']));
  if (activeDeadlineSeconds !== undefined)
    into.push(
      forbiddenField(`${path}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${name} is not Supported`),
    );
}

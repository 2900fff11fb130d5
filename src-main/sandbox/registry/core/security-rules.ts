/** The rules of security contexts: of Pods and of containers. */
import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
  Sysctl,
  WindowsSecurityContextOptions,
} from '#common/kube/types';
import {
  duplicateValue,
  eachInvalid,
  invalidValue,
  notSupported,
  required,
  tooLong,
  type FieldError,
} from '../field-errors';
import { dnsSubdomain } from '../names';
import { checkId, checkOptionalWord } from '../value-rules';
import { checkDescendingPath } from './path-rules';

const PROFILES = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const PROC_MOUNTS = ['Default', 'Unmasked'];

export function checkSecurityContext(
  context: SecurityContext,
  path: string,
  hostUsers: boolean,
  into: FieldError[],
): void {
  const { privileged, procMount, allowPrivilegeEscalation, capabilities } = context;
  checkId(context.runAsUser, `${path}.runAsUser`, into);
  checkId(context.runAsGroup, `${path}.runAsGroup`, into);
  checkOptionalWord(procMount, PROC_MOUNTS, `${path}.procMount`, into);
  if (hostUsers && procMount === 'Unmasked')
    into.push(invalidValue(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'));
  checkSeccomp(context.seccompProfile, `${path}.seccompProfile`, into);
  if (allowPrivilegeEscalation === false) {
    if (privileged)
      into.push(
        invalidValue(path, written(context), 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'),
      );
    if (capabilities?.add?.includes('CAP_SYS_ADMIN'))
      into.push(
        invalidValue(
          path,
          written(context),
          'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
        ),
      );
  }
  checkWindows(context.windowsOptions, `${path}.windowsOptions`, into);
  checkAppArmor(context.appArmorProfile, `${path}.appArmorProfile`, into);
}

/** As the server writes its own form of the struct. */
function written(context: SecurityContext): object {
  const { capabilities } = context;
  return {
    Capabilities: capabilities ? { Add: capabilities.add ?? null, Drop: capabilities.drop ?? null } : null,
    Privileged: context.privileged ?? null,
    SELinuxOptions: context.seLinuxOptions ?? null,
    WindowsOptions: context.windowsOptions ?? null,
    RunAsUser: context.runAsUser ?? null,
    RunAsGroup: context.runAsGroup ?? null,
    RunAsNonRoot: context.runAsNonRoot ?? null,
    ReadOnlyRootFilesystem: context.readOnlyRootFilesystem ?? null,
    AllowPrivilegeEscalation: context.allowPrivilegeEscalation ?? null,
    ProcMount: context.procMount ?? null,
    SeccompProfile: context.seccompProfile ? writtenSeccomp(context.seccompProfile) : null,
    AppArmorProfile: context.appArmorProfile ?? null,
  };
}

const writtenSeccomp = ({ type, localhostProfile }: SeccompProfile): object => ({
  Type: type,
  LocalhostProfile: localhostProfile ?? null,
});

function checkSeccomp(profile: SeccompProfile | undefined, path: string, into: FieldError[]): void {
  if (!profile) return;
  const { type, localhostProfile } = profile;
  if (!type) into.push(required(`${path}.type`, 'type is required when seccompProfile is set'));
  else if (!PROFILES.includes(type)) into.push(notSupported(`${path}.type`, type, PROFILES));
  const field = `${path}.localhostProfile`;
  if (type === 'Localhost') {
    if (localhostProfile === undefined) into.push(required(field, 'must be set when seccomp type is Localhost'));
    else checkDescendingPath(localhostProfile, field, into);
  } else if (localhostProfile !== undefined)
    into.push(invalidValue(field, writtenSeccomp(profile), 'can only be set when seccomp type is Localhost'));
}

const LONGEST_PROFILE = 4095;

function checkAppArmor(profile: AppArmorProfile | undefined, path: string, into: FieldError[]): void {
  if (!profile) return;
  const { type, localhostProfile: name } = profile;
  const field = `${path}.localhostProfile`;
  if (!type) into.push(required(`${path}.type`, 'type is required when appArmorProfile is set'));
  else if (!PROFILES.includes(type)) into.push(notSupported(`${path}.type`, type, PROFILES));
  else if (type !== 'Localhost') {
    if (name !== undefined) into.push(invalidValue(field, name, 'can only be set when AppArmor type is Localhost'));
  } else if (name === undefined) into.push(required(field, 'must be set when AppArmor type is Localhost'));
  else {
    if (name !== name.trim()) into.push(invalidValue(field, name, 'must not be padded with whitespace'));
    else if (name === '') into.push(required(field, 'must be set when AppArmor type is Localhost'));
    if (name.length > LONGEST_PROFILE) into.push(tooLong(field, LONGEST_PROFILE));
  }
}

const GROUP_CHANGES = ['Always', 'OnRootMismatch'];
const GROUP_POLICIES = ['Merge', 'Strict'];

export function checkPodSecurity(spec: PodSpec, path: string, into: FieldError[]): void {
  const { securityContext: context, hostPID, shareProcessNamespace } = spec;
  if (context) {
    checkId(context.fsGroup, `${path}.fsGroup`, into);
    checkId(context.runAsUser, `${path}.runAsUser`, into);
    checkId(context.runAsGroup, `${path}.runAsGroup`, into);
    for (const [at, id] of (context.supplementalGroups ?? []).entries())
      checkId(id, `${path}.supplementalGroups[${at}]`, into);
  }
  if (shareProcessNamespace && hostPID)
    into.push(
      invalidValue(
        `${path}.shareProcessNamespace`,
        shareProcessNamespace,
        'ShareProcessNamespace and HostPID cannot both be enabled',
      ),
    );
  if (context) checkPodPolicies(context, spec, path, into);
}

function checkPodPolicies(context: PodSecurityContext, spec: PodSpec, path: string, into: FieldError[]): void {
  if (context.sysctls) checkSysctls(context.sysctls, `${path}.sysctls`, spec, into);
  checkOptionalWord(context.fsGroupChangePolicy, GROUP_CHANGES, `${path}.fsGroupChangePolicy`, into);
  checkSeccomp(context.seccompProfile, `${path}.seccompProfile`, into);
  checkWindows(context.windowsOptions, `${path}.windowsOptions`, into);
  checkAppArmor(context.appArmorProfile, `${path}.appArmorProfile`, into);
  checkOptionalWord(context.supplementalGroupsPolicy, GROUP_POLICIES, `${path}.supplementalGroupsPolicy`, into);
  checkOptionalWord(context.seLinuxChangePolicy, ['Recursive'], `${path}.seLinuxChangePolicy`, into);
}

const SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL = `^(${SEGMENT}[\\./])*${SEGMENT}$`;
const sysctlPattern = new RegExp(SYSCTL);
const OF_IPC = /^(?:kernel\.(?:shm|msg|sem)|fs\.mqueue\.)/;

function checkSysctls(sysctls: readonly Sysctl[], path: string, spec: PodSpec, into: FieldError[]): void {
  const names = new Set<string>();
  for (const [at, { name }] of sysctls.entries()) {
    const here = `${path}[${at}].name`;
    if (!name) into.push(required(here));
    else if (name.length > 253 || !sysctlPattern.test(name))
      into.push(invalidValue(here, name, `must have at most 253 characters and match regex ${SYSCTL}`));
    else if (names.has(name)) into.push(duplicateValue(here, name));
    names.add(name);
    const dotted = name.replaceAll('/', '.');
    if (spec.hostNetwork && dotted.startsWith('net.'))
      into.push(invalidValue(here, name, "may not be specified when 'hostNetwork' is true"));
    else if (spec.hostIPC && OF_IPC.test(dotted))
      into.push(invalidValue(here, name, "may not be specified when 'hostIPC' is true"));
  }
}

const CONTROL = /\p{Cc}/u;
const netBiosPattern = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DOMAIN_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const domainPattern = new RegExp(`^${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*$`);
const LONGEST_SPEC = 64 * 1024;

function checkWindows(options: WindowsSecurityContextOptions | undefined, path: string, into: FieldError[]): void {
  if (!options) return;
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName: user } = options;
  if (name !== undefined) eachInvalid(into, `${path}.gmsaCredentialSpecName`, name, dnsSubdomain(name));
  if (spec === '')
    into.push(invalidValue(`${path}.gmsaCredentialSpec`, spec, 'gmsaCredentialSpec cannot be an empty string'));
  else if (spec !== undefined && spec.length > LONGEST_SPEC)
    into.push(invalidValue(`${path}.gmsaCredentialSpec`, spec, 'gmsaCredentialSpec size must be under 64 KiB'));
  if (user !== undefined) eachInvalid(into, `${path}.runAsUserName`, user, userProblems(user));
}

function userProblems(name: string): string[] {
  const parts = name.split('\\');
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (CONTROL.test(name)) return ['runAsUserName cannot contain control characters'];
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const [domain, user = ''] = parts.length === 2 ? parts : [undefined, ...parts];
  const problems: string[] = [];
  if (domain !== undefined && domain.length >= 256)
    problems.push("runAsUserName's Domain length must be under 256 characters");
  if (domain !== undefined && !netBiosPattern.test(domain) && !domainPattern.test(domain))
    problems.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  if (user === '') problems.push("runAsUserName's User cannot be empty");
  else if (user.length > 104) problems.push("runAsUserName's User length must not be longer than 104 characters");
  if (/^[. ]+$/.test(user)) problems.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user))
    problems.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  return problems;
}

/** Host processes of Windows are all of a Pod, or none. */
export function checkHostProcesses(spec: PodSpec, path: string, into: FieldError[]): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;
  let all = 0;
  let host = 0;
  for (const list of lists)
    for (const [at, { securityContext }] of (spec[list] ?? []).entries()) {
      const own = securityContext?.windowsOptions?.hostProcess;
      all++;
      if (own ?? ofPod) host++;
      if (ofPod !== undefined && own !== undefined && own !== ofPod)
        into.push(
          invalidValue(
            `${path}.${list}[${at}].securityContext.windowsOptions.hostProcess`,
            own,
            `pod hostProcess value must be identical if both are specified, was ${ofPod}`,
          ),
        );
    }
  if (host === 0) return;
  if (host !== all) {
    const detail = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    into.push(invalidValue(path, '', detail));
  }
  if (!spec.hostNetwork)
    into.push(
      invalidValue(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'),
    );
}

/** Annotations of Pods that once were what fields are now, and must not contradict them. */
import type { PodSpec, SeccompProfile } from '#common/kube/types';
import { forbiddenField, invalidValue, must, type FieldError } from '../field-errors';
import { checkDescendingPath } from './path-rules';

type Annotations = Readonly<Record<string, string>> | undefined;

export const MIRROR = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
export const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
export const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
export const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const LOCALHOST = 'localhost/';

export function checkPodAnnotations(annotations: Annotations, spec: PodSpec, path: string, into: FieldError[]): void {
  if (!annotations) return;
  const mirrored = annotations[MIRROR];
  if (mirrored !== undefined && !spec.nodeName)
    into.push(invalidValue(`${path}[${MIRROR}]`, mirrored, 'must set spec.nodeName if mirror pod annotation is set'));
  const cost = annotations[DELETION_COST];
  if (cost !== undefined && !isInt32(cost))
    into.push(invalidValue(`${path}[${DELETION_COST}]`, cost, 'must be a 32bit integer'));
  const seccomp = annotations[SECCOMP_POD];
  if (seccomp !== undefined) checkSeccomp(seccomp, `${path}.${SECCOMP_POD}`, into);
  for (const key of Object.keys(annotations)) {
    const value = annotations[key] ?? '';
    if (key.startsWith(SECCOMP_CONTAINER)) checkSeccomp(value, `${path}.${key}`, into);
    if (key.startsWith(APP_ARMOR))
      into.push(...appArmorErrors(value, key.slice(APP_ARMOR.length), `${path}[${key}]`, spec));
  }
}

function isInt32(text: string): boolean {
  return /^-?(?:0|[1-9][0-9]*)$/.test(text) && Math.abs(Number(text)) <= 2_147_483_647;
}

function checkSeccomp(profile: string, path: string, into: FieldError[]): void {
  if (profile === 'runtime/default' || profile === 'docker/default' || profile === 'unconfined') return;
  if (profile.startsWith(LOCALHOST)) checkDescendingPath(profile.slice(LOCALHOST.length), path, into);
  else into.push(invalidValue(path, profile, 'must be a valid seccomp profile'));
}

function appArmorErrors(profile: string, name: string, path: string, spec: PodSpec): FieldError[] {
  const lists = [spec.initContainers, spec.containers, spec.ephemeralContainers];
  const isThere = lists.some((list) => list?.some((one) => one.name === name));
  const isKnown = profile === '' || profile === 'runtime/default' || profile === 'unconfined';
  return [
    ...must(isThere, () => invalidValue(path, name, 'container not found')),
    ...must(isKnown || profile.startsWith(LOCALHOST), () =>
      invalidValue(path, profile, `invalid AppArmor profile name: "${profile}"`),
    ),
  ];
}

/** What annotations say of profiles must be what fields say. */
export function checkProfileAnnotations(
  annotations: Annotations,
  spec: PodSpec,
  path: string,
  into: FieldError[],
): void {
  if (!annotations) return;
  const ofPod = spec.securityContext?.seccompProfile;
  const said = annotations[SECCOMP_POD];
  if (ofPod && said !== undefined) checkSameSeccomp(said, ofPod, `${path}.securityContext.seccompProfile`, into);
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const)
    for (const [at, { name, securityContext }] of (spec[list] ?? []).entries()) {
      const profile = securityContext?.seccompProfile;
      const own = annotations[`${SECCOMP_CONTAINER}${name}`];
      if (profile && own !== undefined)
        checkSameSeccomp(own, profile, `${path}.${list}[${at}].securityContext.seccompProfile`, into);
    }
}

const DIFFERENT = 'seccomp type in annotation and field must match';

function checkSameSeccomp(
  said: string,
  { type, localhostProfile }: SeccompProfile,
  path: string,
  into: FieldError[],
): void {
  const known: Record<string, readonly string[]> = {
    Unconfined: ['unconfined'],
    RuntimeDefault: ['runtime/default', 'docker/default'],
  };
  if (type !== 'Localhost') {
    if (known[type] && !known[type].includes(said)) into.push(forbiddenField(`${path}.type`, DIFFERENT));
  } else if (!said.startsWith(LOCALHOST)) into.push(forbiddenField(`${path}.type`, DIFFERENT));
  else if (said.slice(LOCALHOST.length) !== localhostProfile)
    into.push(forbiddenField(`${path}.localhostProfile`, 'seccomp profile in annotation and field must match'));
}

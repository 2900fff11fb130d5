/** The rules of a Pod's spec that people meet (core validation's ValidatePodSpec). */
import type { Container, PodSpec, Toleration } from '#common/kube/types';
import { invalidValue, must, notSupported, required, type FieldError } from '../field-errors';
import { labelErrors } from '../metadata-rules';
import { dnsLabel, dnsSubdomain, qualifiedName } from '../names';
import { validateContainer, type ContainerPlace } from './container-rules';
import { validateVolumes } from './volume-rules';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

export function validatePodSpec(spec: PodSpec, path: string): FieldError[] {
  return [
    ...validateVolumes(spec.volumes, `${path}.volumes`),
    ...containersErrors(spec, path),
    ...policyErrors(spec, path),
    ...(spec.nodeSelector ? labelErrors(spec.nodeSelector, `${path}.nodeSelector`) : []),
    ...nameErrors(spec, path),
    ...(spec.tolerations ?? []).flatMap((one, at) => tolerationErrors(one, `${path}.tolerations[${at}]`)),
  ];
}

function containersErrors(spec: PodSpec, path: string): FieldError[] {
  const place: ContainerPlace = {
    volumes: new Set(spec.volumes?.map(({ name }) => name)),
    names: new Set(),
    hostNetwork: spec.hostNetwork ?? false,
  };
  const errors: FieldError[] = [];
  const check = (containers: readonly Container[] | undefined, field: string, isInit = false): void =>
    containers?.forEach((one, at) =>
      errors.push(...validateContainer(one, `${path}.${field}[${at}]`, { ...place, isInit })),
    );
  if (!spec.containers?.length) errors.push(required(`${path}.containers`));
  check(spec.containers, 'containers');
  check(spec.initContainers, 'initContainers', true);
  check(spec.ephemeralContainers, 'ephemeralContainers');
  return errors;
}

function policyErrors(spec: PodSpec, path: string): FieldError[] {
  const { restartPolicy, dnsPolicy, activeDeadlineSeconds: deadline, terminationGracePeriodSeconds: grace } = spec;
  return [
    ...oneOf(restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`),
    ...oneOf(dnsPolicy, DNS_POLICIES, `${path}.dnsPolicy`),
    ...must(grace === undefined || grace >= 0, () =>
      invalidValue(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than or equal to 0'),
    ),
    ...must(deadline === undefined || (deadline >= 1 && deadline <= 2 ** 31 - 1), () =>
      invalidValue(`${path}.activeDeadlineSeconds`, deadline, 'must be between 1 and 2147483647, inclusive'),
    ),
  ];
}

function oneOf(value: string | undefined, supported: readonly string[], path: string): FieldError[] {
  if (!value) return [required(path)];
  return must(supported.includes(value), () => notSupported(path, value, supported));
}

function nameErrors(spec: PodSpec, path: string): FieldError[] {
  const checks: [string, string | undefined, (name: string) => string[]][] = [
    ['serviceAccountName', spec.serviceAccountName, dnsSubdomain],
    ['nodeName', spec.nodeName, dnsSubdomain],
    ['hostname', spec.hostname, dnsLabel],
    ['subdomain', spec.subdomain, dnsLabel],
    ['priorityClassName', spec.priorityClassName, dnsSubdomain],
    ['runtimeClassName', spec.runtimeClassName, dnsSubdomain],
  ];
  return checks.flatMap(([field, value, rule]) =>
    value ? rule(value).map((text) => invalidValue(`${path}.${field}`, value, text)) : [],
  );
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const OPERATORS = ['Equal', 'Exists'];

function tolerationErrors({ key, operator, value, effect, tolerationSeconds }: Toleration, path: string): FieldError[] {
  return [
    ...(key ? qualifiedName(key).map((text) => invalidValue(`${path}.key`, key, text)) : []),
    ...must(Boolean(key) || operator === 'Exists', () =>
      invalidValue(
        `${path}.operator`,
        operator ?? '',
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    ),
    ...must(tolerationSeconds === undefined || effect === 'NoExecute', () =>
      invalidValue(`${path}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"),
    ),
    ...must(!operator || OPERATORS.includes(operator), () => notSupported(`${path}.operator`, operator, OPERATORS)),
    ...must(operator !== 'Exists' || !value, () =>
      invalidValue(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'"),
    ),
    ...must(!effect || EFFECTS.includes(effect), () => notSupported(`${path}.effect`, effect, EFFECTS)),
  ];
}

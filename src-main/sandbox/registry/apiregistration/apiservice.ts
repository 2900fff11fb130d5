/** apiregistration.k8s.io APIService: who serves a version of a group. Those without a Service are the server's own. */
import { APIServices } from '#common/kube/resources';
import type { APIService, APIServiceCondition, APIServiceStatus } from '#common/kube/types';
import { timeNow } from '../creation-time';
import { invalidValue, must, notSupported, required, type FieldError } from '../field-errors';
import { dns1035Label, dnsSubdomain, pathSegment } from '../names';
import { defineStrategy, type Strategy } from '../strategy';

/** What is known of an APIService: the condition `Available` without its time. */
export type Availability = Omit<APIServiceCondition, 'type' | 'lastTransitionTime'>;

/** Told about every state of every APIService, those read from disk among them. */
export interface ApiServiceListener {
  learn(apiService: APIService): void;
  forget(apiService: APIService): void;
  /** Undefined until it was looked at. */
  availability(apiService: Readonly<APIService>): Availability | undefined;
}

const LOCAL: Availability = {
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
};
const MOST_GROUP_PRIORITY = 20_000;
const MOST_VERSION_PRIORITY = 1000;
const MOST_PORT = 65_535;

export function apiServiceStrategy(listener: ApiServiceListener): Strategy {
  return defineStrategy<APIService>({
    resource: APIServices,
    needsRevision: true,
    names: pathSegment,
    prepareForCreate(draft, { clock }) {
      draft.status = draft.spec.service ? {} : withAvailability(undefined, LOCAL, timeNow(clock));
    },
    validate: apiServiceErrors,
    subresources: { status: { validate: statusErrors } },
    reaction: {
      manager: 'kube-apiserver',
      status(apiService, { clock }) {
        const found = apiService.spec.service ? listener.availability(apiService) : LOCAL;
        return found && withAvailability(apiService.status, found, timeNow(clock));
      },
    },
    afterCreate: (apiService) => listener.learn(apiService),
    afterUpdate: (apiService) => listener.learn(apiService),
    afterDelete: (apiService) => listener.forget(apiService),
  });
}

/** The time moves with `status` alone. */
function withAvailability(
  status: APIServiceStatus | undefined,
  found: Availability,
  lastTransitionTime: string,
): APIServiceStatus {
  const conditions = status?.conditions ?? [];
  const before = conditions.find(({ type }) => type === 'Available');
  const time = before?.status === found.status ? (before.lastTransitionTime ?? lastTransitionTime) : lastTransitionTime;
  const condition: APIServiceCondition = { type: 'Available', lastTransitionTime: time, ...found };
  const next = before ? conditions.map((one) => (one === before ? condition : one)) : [...conditions, condition];
  return { ...status, conditions: next };
}

function apiServiceErrors({ metadata, spec }: APIService): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum, versionPriority } = spec;
  const name = `${version}.${group}`;
  // Others are refused for what they are.
  const isName = Boolean(metadata.name) && pathSegment(metadata.name).length === 0;
  return [
    ...must(!isName || metadata.name === name, () =>
      invalidValue('metadata.name', metadata.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`),
    ),
    ...must(group !== '' || version === 'v1', () =>
      required('spec.group', 'only v1 may have an empty group and it better be legacy kube'),
    ),
    ...(group ? dnsSubdomain(group).map((text) => invalidValue('spec.group', group, text)) : []),
    ...dns1035Label(version).map((text) => invalidValue('spec.version', version, text)),
    ...must(groupPriorityMinimum > 0 && groupPriorityMinimum <= MOST_GROUP_PRIORITY, () =>
      invalidValue('spec.groupPriorityMinimum', groupPriorityMinimum ?? 0, 'must be positive and less than 20000'),
    ),
    ...must(versionPriority > 0 && versionPriority <= MOST_VERSION_PRIORITY, () =>
      invalidValue('spec.versionPriority', versionPriority ?? 0, 'must be positive and less than 1000'),
    ),
    ...(spec.service ? remoteErrors(spec, spec.service) : localErrors(spec)),
  ];
}

const CONDITION_STATES = ['True', 'False', 'Unknown'];

function statusErrors({ status }: APIService): FieldError[] {
  return (status?.conditions ?? []).flatMap((one, index) =>
    must(CONDITION_STATES.includes(one.status), () =>
      notSupported(`status.conditions[${index}].status`, one.status, CONDITION_STATES),
    ),
  );
}

function localErrors({ caBundle, insecureSkipTLSVerify }: APIService['spec']): FieldError[] {
  const bytes = `${Buffer.from(caBundle ?? '', 'base64').length} bytes`;
  return [
    ...must(!caBundle, () => invalidValue('spec.caBundle', bytes, 'local APIServices may not have a caBundle')),
    ...must(!insecureSkipTLSVerify, () =>
      invalidValue('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'),
    ),
  ];
}

function remoteErrors(
  { caBundle, insecureSkipTLSVerify }: APIService['spec'],
  { namespace, name, port = 443 }: NonNullable<APIService['spec']['service']>,
): FieldError[] {
  const path = 'spec.service';
  return [
    ...must(Boolean(namespace), () => required(`${path}.namespace`)),
    ...must(Boolean(name), () => required(`${path}.name`)),
    ...must(port >= 1 && port <= MOST_PORT, () =>
      invalidValue(`${path}.port`, port, `port is not valid: must be between 1 and ${MOST_PORT}, inclusive`),
    ),
    ...must(!(insecureSkipTLSVerify && caBundle), () =>
      invalidValue('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'),
    ),
  ];
}

/** flowcontrol.apiserver.k8s.io FlowSchema: which requests belong to which priority level. */
import { FlowSchemas, PriorityLevelConfigurations } from '#common/kube/resources';
import type {
  FlowSchema,
  FlowSchemaCondition,
  FlowSchemaSpec,
  FlowcontrolV1Subject,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
} from '#common/kube/types';
import { forbiddenField, invalidValue, must, notSupported, required, type FieldError } from '../field-errors';
import { timeNow } from '../creation-time';
import { dnsLabel, dnsSubdomain } from '../names';
import { defineStrategy, type WriteContext } from '../strategy';
import { conditionErrors, mandatorySpec } from './fixed-objects';
import { sameValue } from '#main/sandbox/machinery/same-value';

const MOST_PRECEDENCE = 10_000;
const METHODS = ['ByNamespace', 'ByUser'];
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const EVERYTHING = '*';

export const flowSchemaStrategy = defineStrategy<FlowSchema>({
  resource: FlowSchemas,
  validate: flowSchemaErrors,
  subresources: { status: { validate: ({ status }) => conditionErrors(status?.conditions) } },
  reaction: {
    manager: 'api-priority-and-fairness-config-consumer-v1',
    applies: true,
    status: danglingStatus,
  },
});

/** Whether the level that a schema names is there, as the server's own controller tells. */
function danglingStatus({ spec, status }: Readonly<FlowSchema>, context: WriteContext): object {
  const level = spec.priorityLevelConfiguration.name;
  const exists = context.lookUp(PriorityLevelConfigurations, level) !== undefined;
  const subject = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`;
  const wanted = exists
    ? { status: 'False', reason: 'Found', message: `${subject} and it exists` }
    : { status: 'True', reason: 'NotFound', message: `${subject} but there is no such object` };
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'Dangling');
  const before = status?.conditions?.find(({ type }) => type === 'Dangling');
  if (before?.status === wanted.status) return status ?? {};
  const condition: FlowSchemaCondition = { type: 'Dangling', lastTransitionTime: timeNow(context.clock), ...wanted };
  return { ...status, conditions: [...others, condition] };
}

function flowSchemaErrors({ metadata, spec, status }: FlowSchema): FieldError[] {
  const fixed = mandatorySpec('FlowSchema', metadata.name);
  return [
    ...specErrors(metadata.name, spec),
    ...must(!fixed || sameValue(spec, fixed), () =>
      invalidValue('spec', spec, `spec of '${metadata.name}' must equal the fixed value`),
    ),
    ...conditionErrors(status?.conditions),
  ];
}

function specErrors(name: string, spec: FlowSchemaSpec): FieldError[] {
  const { matchingPrecedence = 0, distinguisherMethod, priorityLevelConfiguration, rules = [] } = spec;
  const path = 'spec.matchingPrecedence';
  const level = priorityLevelConfiguration?.name ?? '';
  return [
    ...must(matchingPrecedence > 0, () => invalidValue(path, matchingPrecedence, 'must be a positive value')),
    ...must(matchingPrecedence <= MOST_PRECEDENCE, () =>
      invalidValue(path, matchingPrecedence, `must not be greater than ${MOST_PRECEDENCE}`),
    ),
    ...must(matchingPrecedence !== 1 || name === 'exempt', () =>
      invalidValue(path, matchingPrecedence, "only the schema named 'exempt' may have matchingPrecedence 1"),
    ),
    ...(distinguisherMethod && !METHODS.includes(distinguisherMethod.type)
      ? [notSupported('spec.distinguisherMethod.type', { Type: distinguisherMethod.type }, METHODS)]
      : []),
    ...(level
      ? dnsSubdomain(level).map((text) => invalidValue('spec.priorityLevelConfiguration.name', level, text))
      : [required('spec.priorityLevelConfiguration.name', 'must reference a priority level')]),
    ...rules.flatMap((rule, at) => ruleErrors(rule, `spec.rules[${at}]`)),
  ];
}

function ruleErrors(
  { subjects = [], resourceRules = [], nonResourceRules = [] }: PolicyRulesWithSubjects,
  path: string,
) {
  return [
    ...(subjects.length > 0
      ? subjects.flatMap((one, at) => subjectErrors(one, `${path}.subjects[${at}]`))
      : [required(`${path}.subjects`, 'subjects must contain at least one value')]),
    ...must(resourceRules.length + nonResourceRules.length > 0, () =>
      required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'),
    ),
    ...resourceRules.flatMap((one, at) => resourceRuleErrors(one, `${path}.resourceRules[${at}]`)),
    ...nonResourceRules.flatMap((one, at) => pathRuleErrors(one, `${path}.nonResourceRules[${at}]`)),
  ];
}

const SUBJECT_FIELDS = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const;

function subjectErrors(subject: FlowcontrolV1Subject, path: string): FieldError[] {
  const { kind } = subject;
  if (!(kind in SUBJECT_FIELDS)) return [notSupported(`${path}.kind`, kind, ['Group', 'ServiceAccount', 'User'])];
  const own = SUBJECT_FIELDS[kind as keyof typeof SUBJECT_FIELDS];
  const strange = Object.entries(SUBJECT_FIELDS).filter(([, field]) => field !== own && subject[field] !== undefined);
  return [
    ...ownSubjectErrors(subject, own, `${path}.${own}`),
    ...strange.map(([other, field]) =>
      forbiddenField(`${path}.${field}`, `${field} is forbidden when subject kind is not '${other}'`),
    ),
  ];
}

function ownSubjectErrors(subject: FlowcontrolV1Subject, own: 'serviceAccount' | 'user' | 'group', path: string) {
  const part = subject[own];
  if (!part) return [required(path, `${own} is required when subject kind is '${subject.kind}'`)];
  if (own !== 'serviceAccount') return must(part.name !== '', () => required(`${path}.name`));
  const { name = '', namespace = '' } = subject.serviceAccount ?? {};
  const nameErrors = name === EVERYTHING ? [] : dnsSubdomain(name);
  return [
    ...(name ? nameErrors.map((text) => invalidValue(`${path}.name`, name, text)) : [required(`${path}.name`)]),
    ...(namespace
      ? dnsLabel(namespace).map((text) => invalidValue(`${path}.namespace`, namespace, text))
      : [required(`${path}.namespace`, 'must specify namespace for service account')]),
  ];
}

function verbErrors(verbs: readonly string[] = [], path: string): FieldError[] {
  if (verbs.length === 0) return [required(path, 'verbs must contain at least one value')];
  if (verbs.includes(EVERYTHING)) return alone(verbs, path, 'verbs');
  return must(
    verbs.every((verb) => VERBS.includes(verb)),
    () => notSupported(path, verbs, VERBS),
  );
}

function alone(values: readonly string[], path: string, what: string): FieldError[] {
  const isAlone = values.length <= 1 || !values.includes(EVERYTHING);
  return must(isAlone, () => invalidValue(path, values, `if '*' is present, must not specify other ${what}`));
}

function resourceRuleErrors(rule: ResourcePolicyRule, path: string): FieldError[] {
  const { verbs, apiGroups = [], resources = [], namespaces = [], clusterScope } = rule;
  const detail = (what: string) => `resource rules must supply at least one ${what}`;
  return [
    ...verbErrors(verbs, `${path}.verbs`),
    ...(apiGroups.length > 0
      ? alone(apiGroups, `${path}.apiGroups`, 'api groups')
      : [required(`${path}.apiGroups`, detail('api group'))]),
    ...(resources.length > 0
      ? alone(resources, `${path}.resources`, 'resources')
      : [required(`${path}.resources`, detail('resource'))]),
    ...namespaceErrors(namespaces, clusterScope ?? false, `${path}.namespaces`),
  ];
}

function namespaceErrors(namespaces: readonly string[], isClusterWide: boolean, path: string): FieldError[] {
  if (namespaces.length === 0 && !isClusterWide) {
    return [required(path, 'resource rules that are not cluster scoped must supply at least one namespace')];
  }
  if (namespaces.includes(EVERYTHING)) return alone(namespaces, path, 'namespaces');
  const intro = "each member of this list must be '*' or a DNS-1123 label; ";
  return namespaces.flatMap((one, at) =>
    dnsLabel(one).map((text) => invalidValue(`${path}[${at}]`, one, `${intro}${text}`)),
  );
}

function pathRuleErrors({ verbs, nonResourceURLs = [] }: NonResourcePolicyRule, path: string): FieldError[] {
  const place = `${path}.nonResourceURLs`;
  const urlErrors = (): FieldError[] => {
    if (nonResourceURLs.length === 0) return [required(place, 'nonResourceURLs must contain at least one value')];
    if (nonResourceURLs.includes(EVERYTHING)) return alone(nonResourceURLs, place, 'non-resource URLs');
    return nonResourceURLs.flatMap((url, at) => {
      const problem = urlProblem(url);
      return problem ? [invalidValue(`${place}[${at}]`, url, problem)] : [];
    });
  };
  return [...verbErrors(verbs, `${path}.verbs`), ...urlErrors()];
}

function urlProblem(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const wildcards = url.split('*').length - 1;
  const fits = wildcards === 0 || (wildcards === 1 && url.endsWith('/*'));
  return fits ? undefined : 'wildcard can only do suffix matching';
}

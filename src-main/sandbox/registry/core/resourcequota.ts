import { ResourceQuotas } from '#common/kube/resources';
import type { ResourceQuota, ResourceQuotaSpec } from '#common/kube/types';
import { quantityNanos } from '#main/sandbox/machinery/quantity';
import { invalidValue, required, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy, gathered } from '../strategy';
import { checkAmount, checkQuotaResourceName, isQuotaResource } from './resource-rules';

const SCOPES = new Set([
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'VolumeAttributesClass',
  'CrossNamespacePodAffinity',
]);
const COMPUTE = new Set(['pods', 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']);
const OF_CLAIMS = new Set(['persistentvolumeclaims', 'requests.storage']);
const UNSUPPORTED = 'unsupported scope';
const UNFIT = 'unsupported scope applied to resource';

export const resourceQuotaStrategy = defineStrategy<ResourceQuota>({
  resource: ResourceQuotas,
  checks: {
    create({ metadata, spec }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkSpec(spec ?? {}, into);
    },
    update({ metadata, spec = {} }, current, into) {
      checkMetadataUpdate(metadata, current.metadata, into);
      checkSpec(spec, into);
      const [next, before] = [new Set(spec.scopes), new Set(current.spec?.scopes)];
      const isSame = next.size === before.size && [...next].every((scope) => before.has(scope));
      if (!isSame) into.push(invalidValue('spec.scopes', spec.scopes ?? null, 'field is immutable'));
    },
  },
  subresources: {
    status: {
      validate: gathered(({ status }, _current, into) => {
        checkAmounts(status?.hard, 'status.hard', into);
        checkAmounts(status?.used, 'status.used', into);
      }),
    },
  },
  warnings: ({ spec = {} }, before) => (before ? [] : amountWarnings(spec)),
});

function checkAmounts(amounts: Record<string, string> | undefined, path: string, into: FieldError[]): void {
  for (const [name, amount] of Object.entries(amounts ?? {})) {
    checkQuotaResourceName(name, `${path}[${name}]`, into);
    checkAmount(name, amount, `${path}[${name}]`, into);
  }
}

function checkSpec(spec: ResourceQuotaSpec, into: FieldError[]): void {
  checkAmounts(spec.hard, 'spec.hard', into);
  checkScopes(spec, into);
  checkScopeSelector(spec, into);
}

function isFit(scope: string, resource: string): boolean {
  if (scope === 'BestEffort') return resource === 'pods';
  if (scope === 'VolumeAttributesClass') return OF_CLAIMS.has(resource);
  return !SCOPES.has(scope) || COMPUTE.has(resource);
}

/** How many of the limited resources the scope says nothing about. */
const unfit = (scope: string, hard: Record<string, string> = {}): number =>
  Object.keys(hard).filter((name) => isQuotaResource(name) && !isFit(scope, name)).length;

const conflicts = (scopes: readonly string[]): number =>
  [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ].filter((pair) => pair.every((scope) => scopes.includes(scope))).length;

function checkScopes({ scopes = [], hard }: ResourceQuotaSpec, into: FieldError[]): void {
  const refuse = (detail: string) => into.push(invalidValue('spec.scopes', scopes, detail));
  for (const scope of scopes) {
    if (!SCOPES.has(scope)) refuse(UNSUPPORTED);
    for (let count = unfit(scope, hard); count > 0; count--) refuse(UNFIT);
  }
  for (let count = conflicts(scopes); count > 0; count--) refuse('conflicting scopes');
}

const ONLY_EXISTS = new Set([
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
]);
const MUST_EXIST =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function checkScopeSelector({ scopeSelector, hard, scopes }: ResourceQuotaSpec, into: FieldError[]): void {
  if (!scopeSelector) return;
  const path = 'spec.scopeSelector.matchExpressions';
  const expressions = scopeSelector.matchExpressions ?? [];
  const written = {
    MatchExpressions: expressions.map(({ scopeName, operator, values }) => ({
      ScopeName: scopeName,
      Operator: operator,
      Values: values ?? null,
    })),
  };
  for (const { scopeName, operator, values = [] } of expressions) {
    if (!SCOPES.has(scopeName)) into.push(invalidValue(`${path}.scopeName`, scopeName, UNSUPPORTED));
    for (let count = unfit(scopeName, hard); count > 0; count--) into.push(invalidValue(path, written, UNFIT));
    if (ONLY_EXISTS.has(scopeName) && operator !== 'Exists')
      into.push(invalidValue(`${path}.operator`, operator, MUST_EXIST));
    checkOperator(operator, values, path, into);
  }
  for (let count = conflicts(expressions.map(({ scopeName }) => scopeName)); count > 0; count--)
    into.push(invalidValue(path, scopes ?? null, 'conflicting scopes'));
}

function checkOperator(operator: string, values: readonly string[], path: string, into: FieldError[]): void {
  if (operator === 'In' || operator === 'NotIn') {
    const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    if (values.length === 0) into.push(required(`${path}.values`, detail));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    if (values.length > 0) into.push(invalidValue(`${path}.values`, values, detail));
  } else into.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'));
}

function amountWarnings({ hard = {} }: ResourceQuotaSpec): string[] {
  return ['cpu', 'memory', 'storage', 'ephemeral-storage'].flatMap((name) => {
    const isPlain = hard[`requests.${name}`] === undefined && (name === 'cpu' || name === 'memory');
    const asked = isPlain ? name : `requests.${name}`;
    const [request, limit] = [hard[asked], hard[`limits.${name}`]];
    if (request === undefined || limit === undefined || quantityNanos(request) <= quantityNanos(limit)) return [];
    return [`ResourceQuota ${asked} (${request}) should be less than limits.${name} (${limit})`];
  });
}

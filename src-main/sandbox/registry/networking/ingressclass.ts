import { IngressClasses } from '#common/kube/resources';
import type { IngressClass, IngressClassParametersReference } from '#common/kube/types';
import { forbiddenField, invalidValue, notSupported, required, tooLong, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsLabel, dnsSubdomain, domainPrefixedPath, pathSegment } from '../names';
import { defineStrategy } from '../strategy';
import { checkName, checkNeededName, checkUnchanged } from '../value-rules';

const SCOPES = ['Cluster', 'Namespace'];
const LONGEST_CONTROLLER = 250;

export const ingressClassStrategy = defineStrategy<IngressClass>({
  resource: IngressClasses,
  checks: {
    create: checkClass,
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkUnchanged(next.spec?.controller ?? '', current.spec?.controller ?? '', 'spec.controller', into);
      checkClass(next, into);
    },
  },
});

function checkClass({ metadata, spec = {} }: IngressClass, into: FieldError[]): void {
  checkMetadata(metadata, dnsSubdomain, into);
  const { controller = '', parameters } = spec;
  const field = 'spec.controller';
  if (controller.length > LONGEST_CONTROLLER) into.push(tooLong(field, LONGEST_CONTROLLER));
  if (controller === '') into.push(required(field));
  else for (const { value, text } of domainPrefixedPath(controller)) into.push(invalidValue(field, value, text));
  if (parameters) checkParameters(parameters, 'spec.parameters', into);
}

function checkParameters(
  { apiGroup, kind, name, scope, namespace }: IngressClassParametersReference,
  path: string,
  into: FieldError[],
): void {
  if (apiGroup !== undefined) checkName(apiGroup, dnsSubdomain, `${path}.apiGroup`, into);
  checkNeededName(kind, pathSegment, `${path}.kind`, into);
  checkNeededName(name, pathSegment, `${path}.name`, into);
  const field = `${path}.namespace`;
  if (scope === undefined) into.push(required(`${path}.scope`));
  else if (!SCOPES.includes(scope)) into.push(notSupported(`${path}.scope`, scope, SCOPES));
  else if (scope === 'Cluster') {
    if (namespace !== undefined) into.push(forbiddenField(field, "`parameters.scope` is set to 'Cluster'"));
  } else if (namespace === undefined) into.push(required(field, "`parameters.scope` is set to 'Namespace'"));
  else checkName(namespace, dnsLabel, field, into);
}

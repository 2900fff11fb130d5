/** apiextensions.k8s.io/v1 and apiregistration.k8s.io/v1. */
import type { CustomResourceDefinition, ServiceReference } from '#common/kube/types';
import { rule, type PackageDefaults } from './rule';

const defaultPort = rule<ServiceReference>((reference) => {
  reference.port ??= 443;
});

export const apiextensionsDefaults: PackageDefaults = {
  prefix: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.',
  rules: { CustomResourceDefinition: rule<CustomResourceDefinition>(defaultDefinition), ServiceReference: defaultPort },
};

export const apiregistrationDefaults: PackageDefaults = {
  prefix: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.',
  rules: { ServiceReference: defaultPort },
};

function defaultDefinition(definition: CustomResourceDefinition): void {
  const { names, versions } = definition.spec;
  names.singular ||= names.kind.toLowerCase();
  if (names.kind) names.listKind ||= `${names.kind}List`;
  definition.spec.conversion ??= { strategy: 'None' };
  const stored = versions?.find((version) => version.storage);
  const status = (definition.status ??= {} as NonNullable<CustomResourceDefinition['status']>);
  if (stored && !status.storedVersions?.length) status.storedVersions = [stored.name];
}

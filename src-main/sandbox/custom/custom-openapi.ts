/** OpenAPI v3 documents of custom resources. */
import { groupVersionPath } from '#common/kube/resource';
import type { JSONSchemaProps } from '#common/kube/types';
import { loadDescriptions } from '#main/sandbox/machinery/openapi/descriptions';
import type { GroupVersion, OpenApiDocument } from '#main/sandbox/machinery/openapi/openapi-v3';
import { operationParameters, type OperationParameters } from '#main/sandbox/machinery/openapi/parameters';
import { OPERATION_TYPES, pathsOf, resourceListItem, type PathItem } from '#main/sandbox/machinery/openapi/paths';
import { reference, SchemaCollector, type JsonSchema } from '#main/sandbox/machinery/openapi/schemas';
import type { CustomVersion } from './custom-kinds';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const SCALE = 'io.k8s.api.autoscaling.v1.Scale';

/** The document of one group version with all kinds that definitions put into it. */
export async function customOpenApi(
  { group, version }: GroupVersion,
  kinds: readonly CustomVersion[],
): Promise<OpenApiDocument> {
  const home = { group, version };
  const descriptions = await loadDescriptions();
  const parameters = operationParameters(descriptions);
  const collector = new SchemaCollector(descriptions, [home]);
  for (const name of [...OPERATION_TYPES, `${META}ObjectMeta`, `${META}ListMeta`, SCALE]) collector.add(name);
  const paths: Record<string, PathItem> = {
    [`${groupVersionPath(home)}/`]: resourceListItem(home.group, home.version),
  };
  for (const kind of kinds) {
    Object.assign(paths, endpointPaths(kind, parameters));
    Object.assign(collector.schemas, schemasOf(kind));
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' },
    paths: withoutStrategicPatch(paths),
    components: { schemas: collector.schemas },
  };
}

function endpointPaths(
  { definition: resource, schema }: CustomVersion,
  parameters: OperationParameters,
): Record<string, PathItem> {
  const { group, version, kind } = resource;
  const own = pathsOf({
    resource,
    group,
    version,
    kind,
    type: schema.name,
    listType: `${schema.name}List`,
    parameters,
  });
  const parts = (resource.subresources ?? []).map((subresource) =>
    pathsOf({
      resource,
      subresource,
      group: subresource.version ? subresource.group : group,
      version: subresource.version || version,
      kind: subresource.kind,
      type: subresource.name === 'scale' ? SCALE : schema.name,
      parameters,
    }),
  );
  return Object.assign(own, ...parts) as Record<string, PathItem>;
}

const STRATEGIC = 'application/strategic-merge-patch+json';

function withoutStrategicPatch(paths: Record<string, PathItem>): Record<string, PathItem> {
  for (const item of Object.values(paths)) {
    const patch = item['patch'] as { requestBody?: { content: Record<string, unknown> } } | undefined;
    delete patch?.requestBody?.content[STRATEGIC];
  }
  return paths;
}

function schemasOf({ definition, declared, schema }: CustomVersion): Record<string, JsonSchema> {
  const { group, version, kind } = definition;
  const root: JSONSchemaProps = declared.schema?.openAPIV3Schema ?? { type: 'object' };
  const list = {
    description: `${kind}List is a list of ${kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      ...TYPE_FIELDS,
      items: { type: 'array', items: reference(schema.name), description: `List of ${definition.plural}.` },
      metadata: { allOf: [reference(`${META}ListMeta`)], default: {} },
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind: `${kind}List` }],
  };
  const own = {
    ...root,
    properties: {
      ...root.properties,
      ...TYPE_FIELDS,
      metadata: { allOf: [reference(`${META}ObjectMeta`)], ...METADATA },
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  };
  return { [schema.name]: own, [`${schema.name}List`]: list };
}

const TYPE_FIELDS = {
  apiVersion: {
    type: 'string',
    description:
      'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  },
  kind: {
    type: 'string',
    description:
      'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
  },
};

const METADATA = {
  description:
    "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
};

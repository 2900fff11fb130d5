import type { Exchange } from '../../exchange';
import { accessScript, get, merge, post, put, remove, table, tried } from './steps';

/** CustomResourceDefinitions: their rules, and what they make of custom resources. */

const GROUP = 'apiextensions.k8s.io';
const ALL = `/apis/${GROUP}/v1/customresourcedefinitions`;

type Fields = Record<string, unknown>;
const text = { type: 'string' };
const object = (properties: Fields, more: Fields = {}) => ({ type: 'object', properties, ...more });
const version = (schema: unknown, more: Fields = {}) => ({
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema },
  ...more,
});
const definition = (plural: string, spec: Fields = {}, group = 'acme.example.com') => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural, kind: 'Wrong' },
    versions: [version(object({ spec: object({ size: { type: 'integer' } }) }))],
    ...spec,
  },
});
const schemaOf = (schema: unknown) => definition('wrongs', { versions: [version(schema)] });
const specOf = (schema: unknown) => schemaOf(object({ spec: schema }));
const rule = (text_: string, more: Fields = {}) => ({ 'x-kubernetes-validations': [{ rule: text_, ...more }] });

const WRONG: Readonly<Record<string, unknown>> = {
  whole: definition('wrongs'),
  'other-name': { ...definition('wrongs'), metadata: { name: 'others.acme.example.com' } },
  'no-group': definition('wrongs', { group: '' }),
  'group-without-dot': definition('wrongs', { group: 'acme' }, 'acme'),
  'scope-missing': definition('wrongs', { scope: undefined }),
  'scope-wrong': definition('wrongs', { scope: 'Galaxy' }),
  'no-names': definition('wrongs', { names: {} }),
  'kind-lower': definition('wrongs', { names: { plural: 'wrongs', kind: 'wrong thing' } }),
  'list-kind-same': definition('wrongs', { names: { plural: 'wrongs', kind: 'Wrong', listKind: 'Wrong' } }),
  'short-name-wrong': definition('wrongs', {
    names: { plural: 'wrongs', kind: 'Wrong', shortNames: ['W_r'], categories: ['A b'] },
  }),
  'no-versions': definition('wrongs', { versions: [] }),
  'version-name': definition('wrongs', { versions: [version(object({}), { name: 'V_1' })] }),
  'version-twice': definition('wrongs', { versions: [version(object({})), version(object({}), { storage: false })] }),
  'no-storage': definition('wrongs', { versions: [version(object({}), { storage: false })] }),
  'two-storages': definition('wrongs', { versions: [version(object({})), version(object({}), { name: 'v2' })] }),
  'no-schema': definition('wrongs', { versions: [{ name: 'v1', served: true, storage: true }] }),
  'preserve-unknown': definition('wrongs', { preserveUnknownFields: true }),
  'deprecation-without': definition('wrongs', { versions: [version(object({}), { deprecationWarning: 'x' })] }),
  'protected-group': definition('wrongs', {}, 'acme.k8s.io'),
  'protected-wrong': {
    ...definition('wrongs', {}, 'acme.k8s.io'),
    metadata: { name: 'wrongs.acme.k8s.io', annotations: { 'api-approved.kubernetes.io': 'yes' } },
  },
  'conversion-wrong': definition('wrongs', { conversion: { strategy: 'Magic' } }),
  'conversion-none-webhook': definition('wrongs', {
    conversion: { strategy: 'None', webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://a' } } },
  }),
  'conversion-without-webhook': definition('wrongs', { conversion: { strategy: 'Webhook' } }),
  'conversion-without-versions': definition('wrongs', {
    conversion: { strategy: 'Webhook', webhook: { clientConfig: { url: 'https://a.example' } } },
  }),
  'conversion-http': definition('wrongs', {
    conversion: {
      strategy: 'Webhook',
      webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'http://a.example' } },
    },
  }),
  'conversion-both': definition('wrongs', {
    conversion: {
      strategy: 'Webhook',
      webhook: {
        conversionReviewVersions: ['v1'],
        clientConfig: { url: 'https://a.example', service: { name: 'a', namespace: 'b' } },
      },
    },
  }),
  'conversion-neither': definition('wrongs', {
    conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: {} } },
  }),
  'conversion-old-versions': definition('wrongs', {
    conversion: {
      strategy: 'Webhook',
      webhook: { conversionReviewVersions: ['v1alpha1'], clientConfig: { url: 'https://a.example' } },
    },
  }),
  'column-without-path': definition('wrongs', {
    versions: [version(object({}), { additionalPrinterColumns: [{ name: 'A', type: 'string' }] })],
  }),
  'column-type': definition('wrongs', {
    versions: [version(object({}), { additionalPrinterColumns: [{ name: 'A', type: 'thing', jsonPath: '.spec' }] })],
  }),
  'column-format': definition('wrongs', {
    versions: [
      version(object({}), {
        additionalPrinterColumns: [{ name: 'A', type: 'string', format: 'thing', jsonPath: '.spec' }],
      }),
    ],
  }),
  'column-path': definition('wrongs', {
    versions: [version(object({}), { additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: 'spec' }] })],
  }),
  'scale-paths': definition('wrongs', {
    versions: [
      version(object({}), {
        subresources: {
          scale: { specReplicasPath: '.a', statusReplicasPath: '.spec.b', labelSelectorPath: '.metadata.c' },
        },
      }),
    ],
  }),
  'scale-empty': definition('wrongs', { versions: [version(object({}), { subresources: { scale: {} } })] }),
  'selectable-unknown': definition('wrongs', {
    versions: [version(object({ spec: object({ a: text }) }), { selectableFields: [{ jsonPath: '.spec.b' }] })],
  }),
  'selectable-object': definition('wrongs', {
    versions: [version(object({ spec: object({ a: object({}) }) }), { selectableFields: [{ jsonPath: '.spec.a' }] })],
  }),
  'selectable-metadata': definition('wrongs', {
    versions: [version(object({}), { selectableFields: [{ jsonPath: '.metadata.name' }] })],
  }),
  'selectable-twice': definition('wrongs', {
    versions: [
      version(object({ spec: object({ a: text }) }), {
        selectableFields: [{ jsonPath: '.spec.a' }, { jsonPath: '.spec.a' }],
      }),
    ],
  }),
  'type-missing': specOf({ properties: { a: text } }),
  'type-wrong': specOf({ type: 'thing' }),
  'root-type': schemaOf({ type: 'string' }),
  'array-without-items': specOf({ type: 'array' }),
  'properties-and-additional': specOf(object({ a: text }, { additionalProperties: text })),
  'additional-false': specOf({ type: 'object', additionalProperties: false }),
  'unique-items': specOf({ type: 'array', items: text, uniqueItems: true }),
  'nullable-default': specOf(object({ a: { type: 'string', default: null } })),
  'default-wrong': specOf(object({ a: { type: 'integer', default: 'x' } })),
  'default-pruned': specOf(object({ a: { type: 'object', properties: { b: text }, default: { c: 1 } } })),
  'list-map-without-keys': specOf({ type: 'array', 'x-kubernetes-list-type': 'map', items: object({ a: text }) }),
  'list-map-key-unknown': specOf({
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['b'],
    items: object({ a: text }),
  }),
  'list-map-key-optional': specOf({
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['a'],
    items: object({ a: text }),
  }),
  'list-type-wrong': specOf({ type: 'array', 'x-kubernetes-list-type': 'bag', items: text }),
  'map-type-wrong': specOf({ type: 'object', 'x-kubernetes-map-type': 'bag' }),
  'int-or-string-type': specOf(object({ a: { type: 'integer', 'x-kubernetes-int-or-string': true } })),
  'embedded-string': specOf(object({ a: { type: 'string', 'x-kubernetes-embedded-resource': true } })),
  'any-of-structure': specOf(
    object({ a: text }, { anyOf: [{ properties: { a: { type: 'string', description: 'x' } } }] }),
  ),
  'any-of-unknown': specOf(object({ a: text }, { anyOf: [{ required: ['b'], properties: { b: {} } }] })),
  'pattern-wrong': specOf(object({ a: { type: 'string', pattern: '(' } })),
  'metadata-restricted': schemaOf(object({ metadata: object({ labels: { type: 'object' } }) })),
  'rule-syntax': specOf(object({ a: text }, rule('self.a ==='))),
  'rule-unknown-field': specOf(object({ a: text }, rule('self.b == "x"'))),
  'rule-no-boolean': specOf(object({ a: text }, rule('self.a'))),
  'rule-empty': specOf(object({ a: text }, rule(''))),
  'rule-message-lines': specOf(object({ a: text }, rule('true', { message: 'a\nb' }))),
  'rule-message-empty': specOf(object({ a: text }, rule('true', { message: ' ' }))),
  'rule-message-expression': specOf(object({ a: text }, rule('true', { messageExpression: '1 + 1' }))),
  'rule-reason': specOf(object({ a: text }, rule('true', { reason: 'Because' }))),
  'rule-field-path': specOf(object({ a: text }, rule('true', { fieldPath: '.b' }))),
  'rule-old-self-anyway': specOf(object({ a: text }, rule('self == oldSelf', { optionalOldSelf: true }))),
  'rule-cost': specOf(
    object(
      { a: { type: 'array', items: { type: 'array', items: text } } },
      rule('self.a.all(x, self.a.all(y, x.all(z, y.all(w, z == w))))'),
    ),
  ),
};

const rules = accessScript(
  'definition-rules',
  GROUP,
  'CustomResourceDefinition',
  Object.entries(WRONG).map(([name, body]) => tried(name, ALL, body)),
);

const WIDGETS = '/apis/widgets.example.com/v1/namespaces/{ns}/widgets';
const widgetSchema = object({
  spec: object(
    {
      size: { type: 'integer', minimum: 1, maximum: 10, default: 3 },
      name: { type: 'string', minLength: 2, maxLength: 10, pattern: '^[a-z]+$' },
      mode: { type: 'string', enum: ['fast', 'slow'] },
      port: { 'x-kubernetes-int-or-string': true },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      labels: { type: 'object', additionalProperties: text, maxProperties: 2 },
      parts: {
        type: 'array',
        maxItems: 3,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['id'],
        items: object({ id: text, color: { type: 'string', default: 'red' } }, { required: ['id'] }),
      },
      tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
      maybe: { type: 'string', nullable: true },
      when: { type: 'string', format: 'date-time' },
      address: { type: 'string', format: 'ipv4' },
      template: {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      },
      limit: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'may not shrink' }] },
      ratio: { type: 'number', multipleOf: 0.5 },
    },
    {
      required: ['size'],
      'x-kubernetes-validations': [
        { rule: '!has(self.name) || self.name != "bad"', message: 'no bad names' },
        {
          rule: 'self.size < 9 || has(self.mode)',
          messageExpression: '"mode is needed" + " above 8"',
          reason: 'FieldValueRequired',
          fieldPath: '.mode',
        },
      ],
    },
  ),
  status: object({ phase: text, replicas: { type: 'integer' } }),
});
const selectable = { selectableFields: [{ jsonPath: '.spec.mode' }] };
const widgetDefinition = {
  ...definition('widgets', {}, 'widgets.example.com'),
  spec: {
    group: 'widgets.example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', singular: 'widget', shortNames: ['wd'], categories: ['all'] },
    versions: [
      version(widgetSchema, {
        subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.replicas' } },
        additionalPrinterColumns: [
          { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
          { name: 'Colors', type: 'string', jsonPath: '.spec.parts[*].color', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        ...selectable,
      }),
      version(widgetSchema, { name: 'v1beta1', storage: false, deprecated: true, ...selectable }),
      version(widgetSchema, { name: 'v1alpha1', storage: false, served: false, ...selectable }),
    ],
  },
};
const widget = (spec: unknown, name = 'wrong', more: Fields = {}) => ({
  apiVersion: 'widgets.example.com/v1',
  kind: 'Widget',
  metadata: { name },
  ...(spec === undefined ? {} : { spec }),
  ...more,
});
const attempts: Readonly<Record<string, unknown>> = {
  least: {},
  'no-spec': undefined,
  'spec-text': 'x',
  'too-small': { size: 0 },
  'too-large': { size: 11 },
  'wrong-type': { size: 'x' },
  fraction: { size: 1.5 },
  'name-short': { name: 'a' },
  'name-long': { name: 'abcdefghijkl' },
  'name-pattern': { name: 'AB' },
  'mode-unknown': { mode: 'medium' },
  'port-text': { port: 'http' },
  'port-list': { port: [] },
  'free-fields': { free: { a: { b: 1 } }, strange: 1 },
  'labels-number': { labels: { a: 1 } },
  'labels-many': { labels: { a: '1', b: '2', c: '3' } },
  'part-without-id': { parts: [{ color: 'blue' }] },
  'part-twice': { parts: [{ id: 'a' }, { id: 'a' }] },
  'parts-many': { parts: [{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }] },
  'tag-twice': { tags: ['a', 'b', 'a'] },
  'maybe-null': { maybe: null },
  'size-null': { size: null },
  'when-wrong': { when: 'yesterday' },
  'address-wrong': { address: '1.2.3' },
  'template-nameless': { template: { apiVersion: 'v1', kind: 'Pod', metadata: { labels: { a: 'b' } }, x: 1 } },
  'template-kindless': { template: { metadata: {} } },
  'rule-broken': { name: 'bad' },
  'rule-at-field': { size: 9 },
  'ratio-odd': { ratio: 0.7 },
  'several-wrongs': { size: 0, name: 'B', mode: 'x', labels: { a: 1 } },
};
const patched = (name: string, type: string, body: unknown, query = ''): Exchange => ({
  name,
  request: `PATCH ${WIDGETS}/one${query}`,
  type,
  body,
  counts: { verb: 'patch', detail: 'custom' },
});
const applied = (name: string, spec: unknown, query: string) =>
  patched(name, 'application/apply-patch+yaml', widget(spec, 'one'), `?${query}`);

const resources = accessScript('custom-resources', 'widgets.example.com', 'Widget', [
  post('definition', ALL, widgetDefinition),
  {
    name: 'established',
    request: `GET ${ALL}?watch=true&timeoutSeconds=10&fieldSelector=metadata.name%3Dwidgets.widgets.example.com&resourceVersion={from}`,
    events: 2,
    with: { from: 'definition.metadata.resourceVersion' },
  },
  get('settled', `${ALL}/widgets.widgets.example.com`),
  get('discovery-group', '/apis/widgets.example.com'),
  get('discovery', '/apis/widgets.example.com/v1'),
  get('not-served', `${WIDGETS.replace('/v1/', '/v1alpha1/')}`),
  ...Object.entries(attempts).map(([name, spec]) => tried(name, WIDGETS, widget(spec))),
  tried('wrong-name', WIDGETS, widget({}, 'A_b')),
  tried(
    'wrong-labels',
    WIDGETS,
    widget({}, 'wrong', { metadata: { name: 'wrong', labels: { 'a b': 'c d' }, bogus: 1 } }),
  ),
  tried('labels-of-numbers', WIDGETS, widget({}, 'wrong', { metadata: { name: 'wrong', labels: { a: 1 } } })),
  tried('strict', `${WIDGETS}?fieldValidation=Strict`, widget({ strange: 1, free: { a: 1 } }, 'wrong', { other: 2 })),
  tried('with-status', WIDGETS, widget({}, 'wrong', { status: { phase: 'x' } })),
  post('one', WIDGETS, widget({ size: 4, mode: 'fast', limit: 5, parts: [{ id: 'a' }] }, 'one')),
  get('read', `${WIDGETS}/one`),
  get('read-beta', `${WIDGETS.replace('/v1/', '/v1beta1/')}/one`),
  table('one-table', `${WIDGETS}/one`),
  get('by-mode', `${WIDGETS}?fieldSelector=spec.mode%3Dfast`),
  get('by-size', `${WIDGETS}?fieldSelector=spec.size%3D4`),
  merge('shrink', `${WIDGETS}/one`, { spec: { limit: 4 } }),
  merge('grow', `${WIDGETS}/one`, { spec: { limit: 6 } }),
  merge('status-at-main-door', `${WIDGETS}/one`, { status: { phase: 'x' } }),
  merge('status', `${WIDGETS}/one/status`, { status: { phase: 'x', replicas: 2 }, spec: { size: 9 } }),
  get('scale', `${WIDGETS}/one/scale`),
  merge('scale-to', `${WIDGETS}/one/scale`, { spec: { replicas: 7 } }),
  merge('scale-too-far', `${WIDGETS}/one/scale`, { spec: { replicas: 70 } }),
  patched('strategic', 'application/strategic-merge-patch+json', { spec: { size: 5 } }),
  patched('json', 'application/json-patch+json', [{ op: 'add', path: '/spec/tags', value: ['a'] }]),
  applied('apply', { parts: [{ id: 'b', color: 'blue' }], tags: ['b'] }, 'fieldManager=other'),
  applied('apply-conflict', { mode: 'slow' }, 'fieldManager=other'),
  applied('apply-forced', { mode: 'slow' }, 'fieldManager=other&force=true'),
  put('without-revision', `${WIDGETS}/one`, widget({ size: 5 }, 'one')),
  put('missing', `${WIDGETS}/two`, widget({ size: 5 }, 'two')),
  merge('other-scope', `${ALL}/widgets.widgets.example.com`, { spec: { scope: 'Cluster' } }),
  merge('other-kind', `${ALL}/widgets.widgets.example.com`, { spec: { names: { kind: 'Gadget' } } }),
  merge('other-group', `${ALL}/widgets.widgets.example.com`, { spec: { group: 'gadgets.example.com' } }),
  merge('drop-stored', `${ALL}/widgets.widgets.example.com/status`, { status: { storedVersions: ['v2'] } }),
  post('conflicting', ALL, {
    ...definition('gizmos', { names: { plural: 'gizmos', kind: 'Widget', shortNames: ['wd'] } }, 'widgets.example.com'),
  }),
  {
    name: 'conflict-seen',
    request: `GET ${ALL}?watch=true&timeoutSeconds=10&fieldSelector=metadata.name%3Dgizmos.widgets.example.com&resourceVersion={from}`,
    events: 1,
    with: { from: 'conflicting.metadata.resourceVersion' },
  },
  remove('conflicting-gone', `${ALL}/gizmos.widgets.example.com`),
  remove('one-gone', `${WIDGETS}/one`),
  remove('definition-gone', `${ALL}/widgets.widgets.example.com`),
]);

export const definitionScripts = [rules, resources];

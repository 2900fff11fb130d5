import type { Exchange, Script } from '../../exchange';

/** Rules of structural schemas: what they may speak of, and what they may cost at most. */

type Fields = Record<string, unknown>;

const object = (properties: Fields, more: Fields = {}): Fields => ({ type: 'object', properties, ...more });
const text = { type: 'string' };
const short = { type: 'string', maxLength: 10 };
const list = (items: Fields, more: Fields = {}): Fields => ({ type: 'array', items, ...more });
const map = (values: Fields, more: Fields = {}): Fields => ({ type: 'object', additionalProperties: values, ...more });

const PROPERTIES: Fields = {
  text,
  short,
  one: { type: 'string', enum: ['a', 'bcd'] },
  texts: list(text),
  shorts: list(short, { maxItems: 10 }),
  numbers: list({ type: 'integer' }),
  fewNumbers: list({ type: 'integer' }, { maxItems: 100 }),
  labels: map(text),
  fewLabels: map(short, { maxProperties: 10 }),
  number: { type: 'integer' },
  ratio: { type: 'number' },
  flag: { type: 'boolean' },
  part: object({ name: text, count: { type: 'integer' } }),
  parts: list(object({ name: text, count: { type: 'integer' } }, { required: ['name'] })),
  fewParts: list(object({ name: short }), { maxItems: 10 }),
  keyed: list(object({ id: short, size: { type: 'integer' } }, { required: ['id'] }), {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['id'],
    maxItems: 10,
  }),
  at: { type: 'string', format: 'date-time' },
  for: { type: 'string', format: 'duration' },
  bytes: { type: 'string', format: 'byte' },
  port: { 'x-kubernetes-int-or-string': true },
  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  'with-dash': text,
  namespace: text,
};

const definition = (schema: Fields) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.rules.example.com' },
  spec: {
    group: 'rules.example.com',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
});

const rules = (...all: Fields[]): Fields => ({ 'x-kubernetes-validations': all });
const rule = (words: string, more: Fields = {}): Fields => rules({ rule: words, ...more });
const inSpec = (more: Fields): Fields => object({ spec: object(PROPERTIES, more) });

/** Rules about the whole `spec`. */
const EXPRESSIONS: readonly string[] = [
  'self.number > 1',
  'self.number > 1.0',
  'self.ratio > 1.0',
  'self.ratio > 1',
  'self.flag',
  'self.number',
  'self.text.size() > 1',
  'self.missing == 1',
  'self.part.missing == 1',
  'self.parts.all(p, p.missing == 1)',
  'has(self.missing)',
  'has(self.part.missing)',
  'has(self.part.name)',
  'self.labels["a"] == "b"',
  'self.labels.a == "b"',
  'self.labels.all(k, self.labels[k] == 1)',
  'self.texts[0] == 1',
  'self.at > timestamp("2026-01-01T00:00:00Z")',
  'self.at > "2026"',
  'self.for > duration("1h")',
  'self.bytes == b"a"',
  'self.bytes == "a"',
  'self.port == 1',
  'type(self.port) == int && self.port > 1',
  'self.free.a == 1',
  'self.with-dash == "a"',
  'self.with__dash__dash == "a"',
  'self.__namespace__ == "a"',
  'self.namespace == "a"',
  'self.metadata.name == "a"',
  'oldSelf.number == self.number',
  'oldSelf.missing == 1',
  'self == oldSelf',
  'self.part == self.text',
  'self.parts == self.texts',
  'self.one in ["a", "b"]',
  'self.number in ["a"]',
  '"a" in self.labels',
  'unknown(self)',
  'self.text.unknown()',
  'self.text.startsWith(1)',
  'object.spec == 1',
  'self.text + self.number == "a"',
  'self.flag ? self.text : self.number',
  '!self.text',
  '-self.text == "a"',
  'self.text && self.flag',
  'self.?text.orValue("a") == "b"',
  'self.?number.hasValue()',
  'self.parts == oldSelf.parts && self.part == oldSelf.part',
  'quantity("1").isGreaterThan(quantity("2"))',
  'isQuantity(self.text)',
  'ip(self.short).family() == 4',
  'self.texts.all(t, t.startsWith("a"))',
  'self.texts.all(t, t.matches("^[a-z]+$"))',
  'self.shorts.all(t, t.matches("^[a-z]+$"))',
  'self.texts.all(t, self.texts.exists_one(u, u == t))',
  'self.shorts.all(t, self.shorts.exists_one(u, u == t))',
  'self.parts.all(p, self.parts.exists(q, p.count == q.count))',
  'self.fewParts.all(p, self.fewParts.exists(q, p.name == q.name))',
  'self.numbers.all(n, n > 1)',
  'self.numbers.all(n, n > 1 && n < 10 && n != 5 && n != 6 && n != 7)',
  'self.numbers.map(n, n + 1).size() > 1',
  'self.numbers.filter(n, n > 1).size() > 1',
  'self.numbers.map(n, n > 1, n + 1).size() > 1',
  'self.numbers.exists(n, n in self.fewNumbers)',
  'self.numbers.exists_one(n, n == 1)',
  'self.numbers.sum() > 1',
  'self.texts.isSorted()',
  'self.texts.join(",").size() > 1',
  'self.shorts.join(",").size() > 1',
  'self.labels.all(k, k.size() < 10)',
  'self.labels.all(k, self.labels[k].size() < 10)',
  'self.labels.all(k, self.labels[k].matches("a+"))',
  'self.fewLabels.all(k, self.fewLabels[k].matches("a+"))',
  'self.fewNumbers.all(a, self.fewNumbers.all(b, self.fewNumbers.all(c, a + b + c > 1)))',
  'self.fewNumbers.all(a, self.fewNumbers.all(b, self.fewNumbers.all(c, self.shorts.all(d, d.size() > a))))',
  'self.text.contains(self.text)',
  'self.text.contains("a")',
  'self.text.replace("a", "bb").contains(self.short)',
  'self.text.split(",").all(t, t.size() < 10)',
  'self.text.lowerAscii().trim() == self.text',
  'self.text + self.text + self.text == self.text',
  '(self.text + self.text).matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")',
  '[self.text, self.short].all(t, t.contains("abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789"))',
  'self.numbers.all(n, {"a": n, "b": n}.size() == 2)',
  'self.parts.all(p, has(p.name) && has(p.count) && p.count > 1)',
  'self.parts.all(p, p.name == self.text)',
  'self.parts.map(p, p.name).all(n, n.matches("^a"))',
  'self.keyed.all(k, k.size > 1)',
  'self.at.getFullYear() > 2026 || self.for.getSeconds() > 1',
  'self.numbers.all(n, n == 1 ? self.flag : self.texts.exists(t, t == "abcdefghij"))',
  'url(self.text).getHost() == "a"',
  'self.text.find("a.*b") == "x"',
  'self.text.substring(1).upperAscii() == "A"',
  '"%s".format([self.text]) == "a"',
  'string(self.number) == "1"',
  'self.',
  'self.number >',
  '(self.flag',
  'self.flag)',
  'true',
];

const slug = (words: string, at: number): string =>
  `${at}-${words
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)}`.replace(/-$/, '');

const PLACES: Readonly<Record<string, Fields>> = {
  root: object({ spec: object(PROPERTIES) }, rule('self.metadata.name.startsWith(self.spec.text)')),
  'root-metadata': object({ spec: object(PROPERTIES) }, rule('self.metadata.labels["a"] == "b"')),
  'root-kind': object({ spec: object(PROPERTIES) }, rule('self.kind == "Thing" && self.apiVersion != ""')),
  'list-old-self': object({ spec: object({ parts: list(object({ a: text }, rule('self.a == oldSelf.a'))) }) }),
  'keyed-old-self': object({
    spec: object({
      parts: list(object({ a: short }, { required: ['a'], ...rule('self.a == oldSelf.a') }), {
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['a'],
        maxItems: 10,
      }),
    }),
  }),
  'map-old-self': object({ spec: object({ parts: map(object({ a: text }, rule('self.a == oldSelf.a'))) }) }),
  'in-items': object({ spec: object({ parts: list(object({ a: text }, rule('self.a.matches("^a+$")'))) }) }),
  'in-few-items': object({
    spec: object({ parts: list(object({ a: short }, rule('self.a.matches("^a+$")')), { maxItems: 10 }) }),
  }),
  'in-entries': object({ spec: object({ parts: map(object({ a: text }, rule('self.a.matches("^a+$")'))) }) }),
  'deep-items': object({
    spec: object({
      rows: list(list({ type: 'string', ...rule('self.size() > 1') }, { maxItems: 100 }), { maxItems: 100 }),
    }),
  }),
  'of-scalar': object({ spec: object({ size: { type: 'integer', ...rule('self > 1 && self < 10') } }) }),
  'of-scalar-wrong': object({ spec: object({ size: { type: 'integer', ...rule('self == "a"') } }) }),
  'of-embedded': object({
    spec: object({
      template: {
        ...object({ data: text }),
        'x-kubernetes-embedded-resource': true,
        ...rule('self.metadata.name == "a" && self.kind == self.data'),
      },
    }),
  }),
  'of-port': object({ spec: object({ port: { 'x-kubernetes-int-or-string': true, ...rule('self == 1') } }) }),
  'of-free': object({
    spec: object({ free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, ...rule('self.a == 1') } }),
  }),
  'several-wrong': inSpec(rules({ rule: 'self.a' }, { rule: 'self.b == 1' }, { rule: 'true' })),
  'several-costly': inSpec(
    rules(
      ...['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => ({
        rule: `self.numbers.all(n, n > 1) || self.text == "${letter}"`,
      })),
    ),
  ),
  'wrong-on-two-levels': object({ spec: object({ a: { ...text, ...rule('self == 1') } }, rule('self.b == 1')) }),
  'text-flaw-elsewhere': object({
    spec: object({ a: { ...text, ...rule(' ') }, b: { ...text, ...rule('self == 1') } }, rule('self.c == 1')),
  }),
  'message-wrong-type': inSpec(rule('true', { messageExpression: 'self.number' })),
  'message-unknown-field': inSpec(rule('true', { messageExpression: 'self.missing' })),
  'message-syntax': inSpec(rule('true', { messageExpression: '"a' })),
  'message-costly': inSpec(rule('true', { messageExpression: 'self.texts.join(",") + self.texts.join(";")' })),
  'message-blank': inSpec(rule('true', { messageExpression: ' ' })),
  'message-of-wrong-rule': inSpec(rule('self.missing', { messageExpression: 'self.missing' })),
  'lines-without-message': inSpec(rule('self.flag\n|| true')),
  'lines-with-message': inSpec(rule('self.flag\n|| true', { message: 'be good' })),
  'message-and-lines': inSpec(rule('true', { message: ' a\nb ' })),
  'field-path-blank': inSpec(rule('true', { fieldPath: ' ' })),
  'field-path-lines': inSpec(rule('true', { fieldPath: '.text\n' })),
  'field-path-deep': inSpec(rule('true', { fieldPath: '.part.name' })),
  'field-path-quoted': inSpec(rule('true', { fieldPath: ".labels['a']" })),
  'field-path-index': inSpec(rule('true', { fieldPath: '.texts[0]' })),
  'field-path-without-dot': inSpec(rule('true', { fieldPath: 'text' })),
  'field-path-dash': inSpec(rule('true', { fieldPath: ".['with-dash']" })),
  reasons: inSpec(rule('true', { reason: 'FieldValueForbidden' })),
  'optional-old-self': inSpec(rule('oldSelf.hasValue() || self.flag', { optionalOldSelf: true })),
  'optional-old-self-false': inSpec(rule('oldSelf.flag == self.flag', { optionalOldSelf: false })),
  'optional-old-self-unused': inSpec(rule('self.flag', { optionalOldSelf: false })),
};

const tried = (name: string, schema: Fields): Exchange => ({
  name,
  request: 'POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All',
  body: definition(schema),
  counts: { verb: 'create', detail: 'rules' },
});

export const schemaExpressionScripts: readonly Script[] = [
  {
    name: 'rules/schema-expressions',
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
    exchanges: EXPRESSIONS.map((words, at) => tried(slug(words, at), inSpec(rule(words)))),
  },
  {
    name: 'rules/schema-rules',
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
    exchanges: Object.entries(PLACES).map(([name, schema]) => tried(name, schema)),
  },
];

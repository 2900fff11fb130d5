import { describe, expect, it } from 'vitest';
import { CustomResourceDefinitions } from '#common/kube/resources';
import type { CustomResourceDefinition } from '#common/kube/types';
import { textOf } from '#main/sandbox/registry/field-errors';
import { TestSandbox } from '#test/harness/test-sandbox';
import { validateDefinition } from './definition-rules';
import { approvalOf, statusOf } from './definition-status';

const object = (properties: object = {}) => ({ type: 'object', properties });
const version = (more: object = {}) => ({
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: object() },
  ...more,
});
const definition = (spec: object = {}, plural = 'crons') =>
  ({
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural, singular: 'cron', kind: 'Cron', listKind: 'CronList' },
      versions: [version()],
      ...spec,
    },
    status: { storedVersions: ['v1'] },
  }) as unknown as CustomResourceDefinition;

describe('validateDefinition', () => {
  it.each<[string, object, string[]]>([
    ['a whole one', {}, []],
    [
      'a column of one version',
      { versions: [version({ additionalPrinterColumns: [{ name: 'A', type: 'x', jsonPath: '.a' }] })] },
      ['spec.additionalPrinterColumns[0].type: Invalid value: "x": must be one of boolean,date,integer,number,string'],
    ],
    [
      'a schema that only one of two has',
      {
        versions: [version(), version({ name: 'v2', storage: false, schema: { openAPIV3Schema: { type: 'string' } } })],
      },
      ['spec.versions[1].schema.openAPIV3Schema.type: Invalid value: "string": must be object at the root'],
    ],
    [
      'a field that nobody can select by',
      { versions: [version({ selectableFields: [{ jsonPath: '.spec.a' }] })] },
      [
        'spec.selectableFields[0].jsonPath: Invalid value: ".spec.a": is an invalid path: does not refer to a valid field',
      ],
    ],
    [
      'a conversion over plain HTTP',
      {
        conversion: {
          strategy: 'Webhook',
          webhook: { clientConfig: { url: 'http://a' }, conversionReviewVersions: ['v1'] },
        },
      },
      [
        `spec.conversion.webhookClientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
      ],
    ],
  ])('%s', (_case, spec, errors) => {
    expect(validateDefinition(definition(spec)).map(textOf)).toEqual(errors);
  });
});

describe('statusOf', () => {
  it('accepts the names that are free, and tells of the last that is not', () => {
    const taken = { resources: new Set(['crons']), kinds: new Set(['CronList']) };
    const { acceptedNames, conditions } = statusOf(definition({ versions: [version()] }), taken, 't');
    expect(acceptedNames).toMatchObject({ singular: 'cron', kind: 'Cron' });
    expect(conditions?.map(({ type, status, reason, message }) => [type, status, reason, message])).toEqual([
      ['NamesAccepted', 'False', 'ListKindConflict', '"CronList" is already in use'],
      ['Established', 'False', 'NotAccepted', 'not all names are accepted'],
    ]);
  });
});

describe('approvalOf', () => {
  it.each([
    [undefined, 'missing'],
    ['unapproved, for a test', 'bypassed'],
    ['https://github.com/kubernetes/kubernetes/pull/1', 'approved'],
    ['yes', 'invalid'],
  ])('%s', (annotation, state) => {
    expect(approvalOf(annotation).state).toBe(state);
  });
});

describe('a definition whose names are taken', () => {
  it('gets them when they become free', async () => {
    await using sandbox = await TestSandbox.open();
    const { metadata, spec } = definition();
    await sandbox.create(CustomResourceDefinitions, { metadata, spec });
    const other = definition({ names: { plural: 'jobs', kind: 'Cron' } }, 'jobs');
    await sandbox.create(CustomResourceDefinitions, { metadata: other.metadata, spec: other.spec });
    const established = async () =>
      (await sandbox.get(CustomResourceDefinitions, 'jobs.example.com')).status?.conditions?.at(-1)?.status;
    expect(await established()).toBe('False');
    await sandbox.client.remove(CustomResourceDefinitions, { name: 'crons.example.com' });
    await expect.poll(established).toBe('True');
  });

  it('is let go even when its status names versions that nobody knows', async () => {
    await using sandbox = await TestSandbox.open();
    const { metadata, spec } = definition();
    await sandbox.create(CustomResourceDefinitions, { metadata, spec });
    const ref = { name: 'crons.example.com' };
    const patch = { type: 'merge', patch: { status: { storedVersions: ['v9'] } } } as const;
    await sandbox.client.patch(CustomResourceDefinitions, ref, patch, { subresource: 'status' });
    await sandbox.client.remove(CustomResourceDefinitions, ref);
    await expect.poll(() => sandbox.list(CustomResourceDefinitions)).toEqual([]);
  });
});

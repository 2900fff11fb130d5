import { describe, expect, it } from 'vitest';
import { resource } from '#common/kube/resource';
import {
  CustomResourceDefinitions,
  Deployments,
  MutatingWebhookConfigurations,
  ValidatingAdmissionPolicies,
  ValidatingAdmissionPolicyBindings,
} from '#common/kube/resources';
import type { AnyObject } from '#common/kube/object';
import type { CustomResourceDefinition } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';

const Crons = resource<AnyObject>({ group: 'example.com', version: 'v1', plural: 'crons', kind: 'Cron' });

const definition = {
  metadata: { name: 'crons.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'crons', kind: 'Cron' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: { size: { type: 'integer', default: 2, maximum: 10 }, name: { type: 'string' } },
                'x-kubernetes-validations': [{ rule: 'self.size >= oldSelf.size', message: 'may only grow' }],
              },
              status: { type: 'object', properties: { phase: { type: 'string' } } },
            },
          },
        },
      },
    ],
  },
} as unknown as CustomResourceDefinition;

const cron = (name: string, spec: object = {}) => ({ metadata: { name, namespace: 'default' }, spec });

const refusal = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'accepted',
    (problem: Error) => problem.message,
  );

describe('custom resources', () => {
  it('are served as soon as their definition is stored, and go with it', async () => {
    await using sandbox = await TestSandbox.open();
    expect((await sandbox.create(CustomResourceDefinitions, definition)).status?.conditions).toBeNull();
    const made = await sandbox.get(CustomResourceDefinitions, 'crons.example.com');
    expect(made.status?.conditions?.map(({ type, status }) => [type, status])).toEqual([
      ['NamesAccepted', 'True'],
      ['Established', 'True'],
    ]);
    const one = await sandbox.create(Crons, cron('one') as unknown as AnyObject);
    expect(one).toMatchObject({ metadata: { generation: 1 }, spec: { size: 2 } });
    await sandbox.client.remove(CustomResourceDefinitions, { name: 'crons.example.com' });
    await expect.poll(() => refusal(sandbox.client.list(Crons))).toContain('could not find the requested resource');
  });

  it('follow their schema, and the rules about its changes', async () => {
    await using sandbox = await TestSandbox.open();
    await sandbox.create(CustomResourceDefinitions, definition);
    expect(await refusal(sandbox.create(Crons, cron('big', { size: 11 }) as unknown as AnyObject))).toBe(
      'Cron.example.com "big" is invalid: spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10',
    );
    const one = await sandbox.create(Crons, cron('one', { size: 5 }) as unknown as AnyObject);
    expect(await refusal(sandbox.client.update(Crons, { ...one, spec: { size: 4 } }))).toBe(
      'Cron.example.com "one" is invalid: spec: Invalid value: may only grow',
    );
  });

  it('warn of versions that are deprecated', async () => {
    await using sandbox = await TestSandbox.open();
    const [version] = definition.spec.versions;
    const versions = [
      { ...version, deprecated: true },
      { ...version, name: 'v0', storage: false, deprecated: true, deprecationWarning: 'use v2' },
    ] as typeof definition.spec.versions;
    await sandbox.create(CustomResourceDefinitions, { ...definition, spec: { ...definition.spec, versions } });
    const warningsOf = async (path: string) =>
      (await sandbox.client.request({ method: 'GET', path })).headers['warning'];
    expect(await warningsOf('/apis/example.com/v1/crons')).toBe('299 - "example.com/v1 Cron is deprecated"');
    expect(await warningsOf('/apis/example.com/v0/crons')).toBe('299 - "use v2"');
  });

  it('refuses a definition that is not structural', async () => {
    await using sandbox = await TestSandbox.open();
    const other = { ...definition, metadata: { name: 'other.example.com' } } as CustomResourceDefinition;
    expect(await refusal(sandbox.create(CustomResourceDefinitions, other))).toBe(
      'CustomResourceDefinition.apiextensions.k8s.io "other.example.com" is invalid: metadata.name: Invalid value: "other.example.com": must be spec.names.plural+"."+spec.group',
    );
  });
});

const web = (replicas: number) => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
  },
});

const deployments = [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }];

describe('admission that is configured', () => {
  it('refuses what a bound policy does not allow', async () => {
    await using sandbox = await TestSandbox.open();
    await sandbox.create(ValidatingAdmissionPolicies, {
      metadata: { name: 'p' },
      spec: {
        matchConstraints: { resourceRules: deployments },
        validations: [{ expression: 'object.spec.replicas <= 5' }],
      },
    });
    const binding = { metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Deny'] } };
    await sandbox.create(ValidatingAdmissionPolicyBindings, binding);
    expect(await refusal(sandbox.create(Deployments, web(6) as never))).toBe(
      `deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed expression: object.spec.replicas <= 5`,
    );
    expect(await refusal(sandbox.create(Deployments, web(5) as never))).toBe('accepted');
  });

  it('refuses everything that a webhook should have seen, unless its failure may be ignored', async () => {
    await using sandbox = await TestSandbox.open();
    const webhook = {
      name: 'w.example.com',
      clientConfig: { service: { namespace: 'default', name: 'hook' } },
      rules: deployments,
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    };
    await sandbox.create(MutatingWebhookConfigurations, { metadata: { name: 'w' }, webhooks: [webhook] } as never);
    expect(await refusal(sandbox.create(Deployments, web(1) as never))).toBe(
      'Internal error occurred: failed calling webhook "w.example.com": failed to call webhook: Post "https://hook.default.svc:443/?timeout=10s": service "hook" not found',
    );
  });
});

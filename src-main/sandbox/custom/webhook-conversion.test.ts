import { describe, expect, it } from 'vitest';
import type { KubeObject } from '#common/kube/object';
import { resource } from '#common/kube/resource';
import {
  CustomResourceDefinitions,
  MutatingAdmissionPolicies,
  MutatingAdmissionPolicyBindings,
  MutatingWebhookConfigurations,
  Namespaces,
  ValidatingAdmissionPolicies,
  ValidatingAdmissionPolicyBindings,
} from '#common/kube/resources';
import type { CustomResourceDefinition } from '#common/kube/types';
import { namespaceController } from '#main/sandbox/controllers/core/namespace';
import { ConversionWebhook } from '#test/harness/conversion-webhook';
import { TestSandbox } from '#test/harness/test-sandbox';

interface Host extends KubeObject {
  spec: { hostPort?: string; host?: string; port?: number; labels?: object; replicas?: number };
  status?: { phase?: string };
}

const hosts = (version: string) =>
  resource<Host>({ group: 'hosts.example.com', version, plural: 'hosts', kind: 'Host' });
const [V1, V2] = [hosts('v1'), hosts('v2')];

const version = (name: string, storage: boolean, properties: object) => ({
  name,
  served: true,
  storage,
  subresources: {
    status: {},
    scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
  },
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: { type: 'object', properties: { replicas: { type: 'integer' }, ...properties } },
        status: { type: 'object', properties: { phase: { type: 'string' }, replicas: { type: 'integer' } } },
      },
    },
  },
});

const V1_FIELDS = { hostPort: { type: 'string' } };
const V2_FIELDS = { host: { type: 'string', maxLength: 8 }, port: { type: 'integer', maximum: 100 } };

const definition = (conversion: object, storage = 'v1') =>
  ({
    metadata: { name: 'hosts.hosts.example.com' },
    spec: {
      group: 'hosts.example.com',
      scope: 'Namespaced',
      names: { plural: 'hosts', kind: 'Host' },
      conversion,
      versions: [
        { ...version('v1', storage === 'v1', V1_FIELDS), selectableFields: [{ jsonPath: '.spec.hostPort' }] },
        { ...version('v2', storage === 'v2', V2_FIELDS), selectableFields: [{ jsonPath: '.spec.host' }] },
      ],
    },
  }) as unknown as CustomResourceDefinition;

const host = (name: string, spec: Host['spec'], metadata: object = {}) =>
  ({ metadata: { name, namespace: 'default', ...metadata }, spec }) as Host;

const refusal = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'accepted',
    (problem: Error) => problem.message,
  );

interface Opened extends AsyncDisposable {
  sandbox: TestSandbox;
  webhook: ConversionWebhook;
  /** Another conversion for the definition. */
  convertBy(path: string, change?: (spec: CustomResourceDefinition['spec']) => void): Promise<void>;
}

async function open(path = 'convert', storage = 'v1'): Promise<Opened> {
  const webhook = await ConversionWebhook.open();
  const sandbox = await TestSandbox.open();
  await sandbox.create(CustomResourceDefinitions, definition(webhook.conversion(path), storage));
  return {
    sandbox,
    webhook,
    async convertBy(other, change) {
      const crd = structuredClone(await sandbox.get(CustomResourceDefinitions, 'hosts.hosts.example.com'));
      crd.spec.conversion = webhook.conversion(other) as never;
      change?.(crd.spec);
      await sandbox.client.update(CustomResourceDefinitions, crd);
    },
    async [Symbol.asyncDispose]() {
      await sandbox[Symbol.asyncDispose]();
      await webhook[Symbol.asyncDispose]();
    },
  };
}

const place = (name: string) => ({ name, namespace: 'default' });

describe('conversion by webhook', () => {
  it('serves what is stored in one version in the other, whoever wrote it', async () => {
    await using opened = await open();
    const { sandbox, webhook } = opened;
    expect((await sandbox.create(V2, host('two', { host: 'b', port: 81 }))).spec).toEqual({ host: 'b', port: 81 });
    await sandbox.create(V1, host('one', { hostPort: 'a:80' }));
    expect((await sandbox.client.get(V1, place('two'))).spec).toEqual({ hostPort: 'b:81' });
    expect((await sandbox.client.get(V2, place('one'))).spec).toEqual({ host: 'a', port: 80 });
    const { items } = await sandbox.client.list(V2);
    expect(items.map(({ spec }) => spec)).toEqual([
      { host: 'a', port: 80 },
      { host: 'b', port: 81 },
    ]);
    expect(webhook.requests[0]).toMatchObject({
      desiredAPIVersion: 'hosts.example.com/v1',
      objects: [{ kind: 'Host' }],
    });
    expect(webhook.requests.every(({ objects }) => !('resourceVersion' in (objects[0]?.metadata ?? {})))).toBe(true);
  });

  it('asks nobody about objects that are stored in the version that is served', async () => {
    await using opened = await open();
    const { sandbox, webhook } = opened;
    const made = await sandbox.create(V1, host('one', { hostPort: 'a:80' }));
    await sandbox.client.update(V1, { ...made, spec: { hostPort: 'a:81' } });
    await sandbox.client.list(V1);
    await sandbox.client.remove(V1, place('one'));
    expect(webhook.requests).toEqual([]);
  });

  it('checks a write by the schema of its own version, not of the stored one', async () => {
    await using opened = await open();
    const { sandbox } = opened;
    expect(await refusal(sandbox.create(V2, host('two', { host: 'b', port: 101 })))).toBe(
      'Host.hosts.example.com "two" is invalid: spec.port: Invalid value: 101: spec.port in body should be less than or equal to 100',
    );
    await sandbox.create(V1, host('long', { hostPort: 'very-long-name:101' }));
    expect((await sandbox.client.get(V2, place('long'))).spec).toEqual({ host: 'very-long-name', port: 101 });
  });

  it('converts what a patch works on, and what it made', async () => {
    await using opened = await open();
    const { sandbox } = opened;
    await sandbox.create(V1, host('one', { hostPort: 'a:80' }));
    const patched = await sandbox.client.patch(V2, place('one'), { type: 'merge', patch: { spec: { port: 99 } } });
    expect(patched).toMatchObject({ apiVersion: 'hosts.example.com/v2', spec: { host: 'a', port: 99 } });
    expect((await sandbox.client.get(V1, place('one'))).spec).toEqual({ hostPort: 'a:99' });
  });

  it('lets status and scale through the doors of either version', async () => {
    await using opened = await open();
    const { sandbox } = opened;
    await sandbox.create(V1, host('one', { hostPort: 'a:80', replicas: 2 }));
    const seen = await sandbox.client.get(V2, place('one'));
    const told = await sandbox.client.updateStatus(V2, { ...seen, spec: { port: 1 }, status: { phase: 'Up' } });
    expect(told).toMatchObject({ spec: { host: 'a', port: 80, replicas: 2 }, status: { phase: 'Up' } });
    const scaled = await sandbox.client.patch(
      V2 as never,
      place('one'),
      { type: 'merge', patch: { spec: { replicas: 3 } } },
      { subresource: 'scale' },
    );
    expect(scaled).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } });
    expect(await sandbox.client.get(V1, place('one'))).toMatchObject({
      spec: { hostPort: 'a:80', replicas: 3 },
      status: { phase: 'Up' },
    });
  });

  it('selects by the fields of the version that is asked', async () => {
    await using opened = await open();
    const { sandbox } = opened;
    await sandbox.create(V1, host('one', { hostPort: 'a:80' }));
    await sandbox.create(V1, host('two', { hostPort: 'b:80' }));
    const names = async (of: typeof V1, fieldSelector: string) =>
      (await sandbox.client.list(of, { fieldSelector })).items.map(({ metadata }) => metadata.name);
    expect(await names(V2, 'spec.host=b')).toEqual(['two']);
    expect(await names(V1, 'spec.hostPort=a:80')).toEqual(['one']);
    expect(await refusal(names(V2, 'spec.hostPort=a:80'))).toContain('field label not supported: spec.hostPort');
  });

  it('keeps the events of a watch in order while one of them is being converted', async () => {
    await using opened = await open();
    const { sandbox, webhook } = opened;
    await sandbox.create(V1, host('first', { hostPort: 'a:1' }));
    const seen: string[] = [];
    const leave = new AbortController();
    const watched = (async () => {
      for await (const { type, object } of sandbox.client.watch(V2, { signal: leave.signal })) {
        seen.push(`${type} ${object.metadata.name} ${object.spec.port}`);
        if (seen.length === 5) break;
      }
    })();
    await expect.poll(() => seen).toEqual(['ADDED first 1']);
    let release = (): void => undefined;
    webhook.before = ({ objects: [object] }) =>
      object?.metadata.name === 'slow' ? new Promise((resolve) => (release = resolve)) : undefined;
    await sandbox.create(V1, host('slow', { hostPort: 'a:2' }));
    const fast = await sandbox.create(V1, host('fast', { hostPort: 'a:3' }));
    await sandbox.client.update(V1, { ...fast, spec: { hostPort: 'a:4' } });
    await sandbox.client.remove(V1, place('first'));
    await expect.poll(() => webhook.requests.some(({ objects }) => objects[0]?.metadata.name === 'slow')).toBe(true);
    expect(seen).toEqual(['ADDED first 1']);
    release();
    await watched;
    expect(seen.slice(1)).toEqual(['ADDED slow 2', 'ADDED fast 3', 'MODIFIED fast 4', 'DELETED first 1']);
    leave.abort();
  });

  it('lets a watcher with a selector see objects enter and leave it in its own version', async () => {
    await using opened = await open();
    const { sandbox } = opened;
    const one = await sandbox.create(V1, host('one', { hostPort: 'a:1' }));
    const seen: string[] = [];
    const watched = (async () => {
      for await (const { type, object } of sandbox.client.watch(V2, { fieldSelector: 'spec.host=b' })) {
        seen.push(`${type} ${object.spec.host}:${object.spec.port}`);
        if (seen.length === 3) break;
      }
    })();
    // Nothing matches yet, so there is nothing to wait for but the watch itself.
    await sandbox.client.list(V2);
    const next = await sandbox.client.update(V1, { ...one, spec: { hostPort: 'b:2' } });
    const last = await sandbox.client.update(V1, { ...next, spec: { hostPort: 'b:3' } });
    await expect.poll(() => seen).toEqual(expect.arrayContaining(['MODIFIED b:3']));
    await sandbox.client.update(V1, { ...last, spec: { hostPort: 'a:3' } });
    await watched;
    expect(seen.slice(-2)).toEqual(['MODIFIED b:3', 'DELETED b:3']);
  });

  it('fails where the webhook fails, and only there', async () => {
    await using opened = await open('choosy');
    const { sandbox } = opened;
    await sandbox.create(V1, host('a-good', { hostPort: 'a:1' }));
    await sandbox.create(V1, host('b-bad', { hostPort: 'a:2' }));
    const failed = 'conversion webhook for hosts.example.com/v1, Kind=Host failed: a bad host';
    expect((await sandbox.client.get(V2, place('a-good'))).spec.port).toBe(1);
    expect(await refusal(sandbox.client.get(V2, place('b-bad')))).toBe(failed);
    expect((await sandbox.client.list(V2, { limit: 1 })).items).toHaveLength(1);
    expect(await refusal(sandbox.client.list(V2, { limit: 500 }))).toBe(failed);
    expect(await refusal(sandbox.create(V2, host('c-bad', { host: 'a', port: 1 })))).toBe(
      'conversion webhook for hosts.example.com/v2, Kind=Host failed: a bad host',
    );
    expect(await refusal(sandbox.client.remove(V2, place('b-bad')))).toBe(failed);
    expect((await sandbox.client.list(V1)).items).toHaveLength(2);
  });

  it('holds a watch at what cannot be converted, until it can', async () => {
    await using opened = await open('choosy');
    const { sandbox, webhook } = opened;
    await sandbox.create(V1, host('a-good', { hostPort: 'a:1' }));
    const seen: string[] = [];
    const watched = (async () => {
      for await (const { object } of sandbox.client.watch(V2)) {
        seen.push(object.metadata.name);
        if (seen.length === 3) break;
      }
    })();
    await expect.poll(() => seen).toEqual(['a-good']);
    await sandbox.create(V1, host('b-bad', { hostPort: 'a:2' }));
    await sandbox.create(V1, host('c-good', { hostPort: 'a:3' }));
    const asked = () => webhook.requests.filter(({ objects }) => objects[0]?.metadata.name === 'b-bad').length;
    await expect.poll(asked).toBeGreaterThan(1);
    expect(seen).toEqual(['a-good']);
    webhook.answers = 'convert';
    await sandbox.advance(1000);
    await expect.poll(() => seen).toEqual(['a-good', 'b-bad', 'c-good']);
    await watched;
  });

  it('says of a watch that would begin with what cannot be converted that it is ahead', async () => {
    await using opened = await open('choosy');
    const { sandbox } = opened;
    await sandbox.create(V1, host('b-bad', { hostPort: 'a:1' }));
    const watching = (async () => {
      for await (const _event of sandbox.client.watch(V2)) throw new Error('nothing was to come');
    })();
    expect(await refusal(watching)).toMatch(/^Timeout: Too large resource version: \d+, current: \d+$/);
  });

  it('takes another webhook, storage version or strategy at once', async () => {
    await using opened = await open('refused');
    const { sandbox, convertBy } = opened;
    await sandbox.create(V1, host('one', { hostPort: 'a:80' }));
    expect(await refusal(sandbox.client.get(V2, place('one')))).toContain('hosts are out of stock');
    await convertBy('convert');
    expect((await sandbox.client.get(V2, place('one'))).spec).toEqual({ host: 'a', port: 80 });
    await convertBy('convert', ({ versions }) => versions.forEach((one) => (one.storage = one.name === 'v2')));
    expect((await sandbox.client.get(V1, place('one'))).spec).toEqual({ hostPort: 'a:80' });
    const crd = await sandbox.get(CustomResourceDefinitions, 'hosts.hosts.example.com');
    expect(crd.status?.storedVersions).toEqual(['v1', 'v2']);
    await convertBy('refused', (spec) => (spec.conversion = { strategy: 'None' }));
    expect((await sandbox.client.get(V2, place('one'))).spec).toEqual({});
  });

  it('ends watches when versions come or go, and not when the definition is only looked after', async () => {
    await using opened = await open();
    const { sandbox, convertBy } = opened;
    await sandbox.create(V1, host('one', { hostPort: 'a:1' }));
    const seen: string[] = [];
    const watched = (async () => {
      for await (const { type, object } of sandbox.client.watch(V1)) seen.push(`${type} ${object.metadata.name}`);
      seen.push('end');
    })();
    await expect.poll(() => seen).toEqual(['ADDED one']);
    const name = 'hosts.hosts.example.com';
    const patch = { metadata: { labels: { a: 'b' } } };
    await sandbox.client.patch(CustomResourceDefinitions, { name }, { type: 'merge', patch });
    await sandbox.create(V1, host('two', { hostPort: 'a:1' }));
    await expect.poll(() => seen).toEqual(['ADDED one', 'ADDED two']);
    await convertBy('convert', (spec) => spec.versions.forEach((one) => (one.served = one.name !== 'v2')));
    await watched;
    expect(seen).toEqual(['ADDED one', 'ADDED two', 'end']);
    expect(await refusal(sandbox.client.list(V2))).toContain('could not find the requested resource');
    await convertBy('convert', (spec) => spec.versions.forEach((one) => (one.served = true)));
    expect((await sandbox.client.list(V2)).items).toHaveLength(2);
  });

  it('stores an object anew in the storage version when it is written without a change', async () => {
    await using opened = await open();
    const { sandbox, convertBy } = opened;
    const one = await sandbox.create(V1, host('one', { hostPort: 'a:80' }));
    await convertBy('convert', ({ versions }) =>
      versions.forEach((version_) => (version_.storage = version_.name === 'v2')),
    );
    const same = await sandbox.client.update(V1, one);
    expect(same.metadata.resourceVersion).not.toBe(one.metadata.resourceVersion);
    const again = await sandbox.client.update(V1, same);
    expect(again.metadata.resourceVersion).toBe(same.metadata.resourceVersion);
    await convertBy('refused', ({ versions }) =>
      versions.forEach((version_) => (version_.storage = version_.name === 'v2')),
    );
    expect((await sandbox.client.get(V2, place('one'))).spec).toEqual({ host: 'a', port: 80 });
  });

  it('lets nobody but the server change more of the metadata than labels and annotations', async () => {
    await using opened = await open('other-metadata');
    const { sandbox } = opened;
    await sandbox.create(
      V1,
      host('one', { hostPort: 'a:80' }, { labels: { a: 'b' }, finalizers: ['example.com/own'] }),
    );
    const { metadata } = (await sandbox.client.get(V2, place('one'))) as KubeObject;
    expect(metadata).toMatchObject({
      labels: { by: 'webhook' },
      annotations: { by: 'webhook' },
      finalizers: ['example.com/own'],
      generation: 1,
    });
    expect(metadata.ownerReferences).toBeUndefined();
    const { items } = await sandbox.client.list(V2, { labelSelector: 'by=webhook' });
    expect(items).toHaveLength(1);
  });

  it('lets a definition go with all its objects', async () => {
    await using opened = await open('convert', 'v2');
    const { sandbox } = opened;
    await sandbox.create(V1, host('one', { hostPort: 'a:80' }));
    await sandbox.client.remove(CustomResourceDefinitions, { name: 'hosts.hosts.example.com' });
    await expect.poll(() => refusal(sandbox.client.list(V1))).toContain('could not find the requested resource');
    expect(sandbox.reports).toEqual([]);
  });

  it('takes no new objects while the definition is on its way out', async () => {
    await using opened = await open();
    const { sandbox } = opened;
    const held = await sandbox.create(V1, host('held', { hostPort: 'a:1' }, { finalizers: ['example.com/hold'] }));
    await sandbox.client.remove(CustomResourceDefinitions, { name: 'hosts.hosts.example.com' });
    await expect
      .poll(async () => (await sandbox.client.get(V1, place('held'))).metadata.deletionTimestamp)
      .toBeTruthy();
    expect(await refusal(sandbox.create(V2, host('late', { host: 'a', port: 1 })))).toBe(
      'hosts.hosts.example.com "late" is forbidden: create not allowed while custom resource definition is terminating',
    );
    const free = { metadata: { finalizers: null } };
    await sandbox.client.patch(V1, place(held.metadata.name), { type: 'merge', patch: free });
    await expect.poll(() => refusal(sandbox.client.list(V1))).toContain('could not find the requested resource');
  });

  it('lets admission judge in the version that its rules name', async () => {
    await using opened = await open('convert', 'v2');
    const { sandbox, webhook } = opened;
    const rules = { apiGroups: ['hosts.example.com'], apiVersions: ['v1'], operations: ['*'], resources: ['hosts'] };
    const { url, caBundle } = webhook.conversion().webhook.clientConfig as { url: string; caBundle: string };
    await sandbox.create(MutatingWebhookConfigurations, {
      metadata: { name: 'w' },
      webhooks: [
        {
          name: 'w.example.com',
          clientConfig: { url, caBundle },
          rules: [rules],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    });
    await sandbox.create(ValidatingAdmissionPolicies, {
      metadata: { name: 'p' },
      spec: {
        matchConstraints: { resourceRules: [rules] },
        validations: [{ expression: 'object.spec.hostPort != "bad:1"' }],
      },
    });
    const binding = { metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Deny'] } };
    await sandbox.create(ValidatingAdmissionPolicyBindings, binding);
    const patch = [{ op: 'replace', path: '/spec/hostPort', value: 'patched:2' }];
    webhook.admit = ({ object }) =>
      object?.metadata.name === 'one'
        ? { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }
        : {};
    expect((await sandbox.create(V2, host('one', { host: 'a', port: 1 }))).spec).toEqual({ host: 'patched', port: 2 });
    expect(webhook.admissions[0]).toMatchObject({
      kind: { version: 'v1' },
      requestKind: { version: 'v2' },
      object: { apiVersion: 'hosts.example.com/v1', spec: { hostPort: 'a:1' } },
    });
    expect(await refusal(sandbox.create(V2, host('two', { host: 'bad', port: 1 })))).toContain(
      'failed expression: object.spec.hostPort != "bad:1"',
    );
  });

  it('lets policies change objects in the version that their rules name', async () => {
    await using opened = await open('convert', 'v2');
    const { sandbox } = opened;
    const rules = { apiGroups: ['hosts.example.com'], apiVersions: ['v1'], operations: ['*'], resources: ['hosts'] };
    const expression = '[JSONPatch{op: "replace", path: "/spec/hostPort", value: object.spec.hostPort + "2"}]';
    const spec = {
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }],
      reinvocationPolicy: 'Never',
    };
    const policy = (name: string, matchPolicy: string) =>
      sandbox.create(MutatingAdmissionPolicies, {
        metadata: { name },
        spec: { ...spec, matchConstraints: { matchPolicy, resourceRules: [rules] } },
      });
    await policy('equivalent', 'Equivalent');
    await policy('exact', 'Exact');
    for (const policyName of ['equivalent', 'exact']) {
      await sandbox.create(MutatingAdmissionPolicyBindings, { metadata: { name: policyName }, spec: { policyName } });
    }
    expect((await sandbox.create(V2, host('one', { host: 'a', port: 1 }))).spec).toEqual({ host: 'a', port: 12 });
  });

  it('lets namespaces and owners go, whatever version their controllers know', async () => {
    await using opened = await open();
    const { sandbox } = opened;
    await using _manager = await sandbox.startManager({ controllers: [namespaceController], garbageCollector: true });
    await sandbox.namespace('shop');
    const owner = await sandbox.create(V1, host('owner', { hostPort: 'a:1' }));
    const { uid } = owner.metadata;
    const ownerReferences = [{ apiVersion: 'hosts.example.com/v1', kind: 'Host', name: 'owner', uid }];
    await sandbox.create(V2, host('owned', { host: 'a', port: 2 }, { ownerReferences }));
    await sandbox.create(V1, host('held', { hostPort: 'a:3' }, { namespace: 'shop' }));
    await sandbox.client.remove(V2, place('owner'));
    await sandbox.client.remove(Namespaces, { name: 'shop' });
    // The webhook answers in its own time, which the cluster's clock knows nothing of.
    const left = async () => {
      await sandbox.settle();
      return [await sandbox.list(V1), (await sandbox.list(Namespaces)).map(({ metadata }) => metadata.name)];
    };
    await expect.poll(left, { timeout: 14000 }).toEqual([[], expect.not.arrayContaining(['shop'])]);
    expect(sandbox.reports).toEqual([]);
  });
});

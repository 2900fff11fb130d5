import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Scope } from '#common/base/scope';
import type { KubeObject } from '#common/kube/object';
import { resource } from '#common/kube/resource';
import { isAlreadyExists, isConflict, isInvalid, isNotFound } from '#common/kube/status-error';
import { systemClock } from '#main/base/system-clock';
import { exec } from '#main/client/streams/exec';
import { followLogs, readLogs } from '#main/client/streams/logs';
import { portForward } from '#main/client/streams/port-forward';
import type { Delta, Informer } from '#main/informer/informer';
import type { ClusterSession } from '#main/session/session';

/** Name of the scope a session under test lives in; its informers close as soon as they are left. */
export const SCOPE_NAME = 'contract';

/** A session of the implementation under test; disposing it ends what was started for it. */
export interface OpenedSession extends AsyncDisposable {
  session: ClusterSession;
}

/** Parts an implementation does not have, each with its reason. */
export interface SessionSkips {
  /** Pods that run, write logs, take exec and port-forward. */
  containers?: string;
}

interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}
interface Pod extends KubeObject {
  spec: unknown;
  status?: { phase?: string; containerStatuses?: { ready: boolean }[] };
}
const Namespaces = resource<KubeObject>({ plural: 'namespaces', kind: 'Namespace', namespaced: false });
const ConfigMaps = resource<ConfigMap>({ plural: 'configmaps', kind: 'ConfigMap' });
const Pods = resource<Pod>({ plural: 'pods', kind: 'Pod' });
const Nothings = resource<KubeObject>({ group: 'nothing.example', plural: 'nothings', kind: 'Nothing' });

const LIMIT_MS = 60_000;

/** What every session promises, whoever runs the API server behind it. */
export function describeSession(name: string, open: () => Promise<OpenedSession>, skips: SessionSkips = {}): void {
  describe(`a session of ${name}`, { timeout: LIMIT_MS }, () => {
    let opened: OpenedSession;
    let session: ClusterSession;
    const namespace = `contract-${randomBytes(4).toString('hex')}`;

    beforeAll(async () => {
      opened = await open();
      ({ session } = opened);
      await session.ready(AbortSignal.timeout(LIMIT_MS));
      await session.client.create(Namespaces, { metadata: { name: namespace } });
    }, LIMIT_MS);

    // The session and its server live for the whole suite; the informers of one test must be gone after it.
    afterEach(async () => {
      const isInformer = ({ name }: Scope) =>
        name.startsWith(SCOPE_NAME) && name.includes('/informer ') && !isOwn(name);
      while ([...Scope.open].some(isInformer)) await new Promise((resolve) => setImmediate(resolve));
      Scope.open.clear();
    });

    afterAll(async () => {
      await session?.client.remove(Namespaces, { name: namespace });
      await opened?.[Symbol.asyncDispose]();
    }, LIMIT_MS);

    const configMap = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}) =>
      session.client.create(ConfigMaps, { metadata: { name, namespace, labels }, data });

    it('knows version, kinds, user and rights', async () => {
      await until(session, () => session.status.allRights !== undefined);
      expect(session.status.state).toBe('live');
      expect(session.status.version).toMatch(/^v\d+\.\d+\./);
      expect(session.kind({ group: '', plural: 'pods' })).toMatchObject({
        kind: 'Pod',
        namespaced: true,
        custom: false,
      });
      expect(session.kind({ group: 'apps', kind: 'Deployment' })).toMatchObject({ version: 'v1', scalable: true });
      expect(session.kinds.every(({ verbs }) => verbs.includes('list'))).toBe(true);
      expect(await session.may({ verb: 'list', group: '', resource: 'pods' })).toMatchObject({ allowed: true });
    });

    it('creates, reads, updates, patches and deletes', async () => {
      const { client } = session;
      const created = await configMap('one', { a: '1' });
      expect(created).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'one', namespace }, data: { a: '1' } });
      expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      const ref = { namespace, name: 'one' };
      expect(await client.get(ConfigMaps, ref)).toEqual(created);

      const updated = await client.update(ConfigMaps, { ...created, data: { a: '2' } });
      expect(Number(updated.metadata.resourceVersion)).toBeGreaterThan(Number(created.metadata.resourceVersion));
      await expect(client.update(ConfigMaps, { ...created, data: { a: '3' } })).rejects.toSatisfy(isConflict);

      const merged = await client.patch(ConfigMaps, ref, { type: 'merge', patch: { data: { b: 'x', a: null } } });
      expect(merged.data).toEqual({ b: 'x' });
      const operations = [{ op: 'replace', path: '/data/b', value: 'y' }];
      expect((await client.patch(ConfigMaps, ref, { type: 'json', operations })).data).toEqual({ b: 'y' });
      const patch = { metadata: { labels: { team: 'web' } } };
      expect((await client.patch(ConfigMaps, ref, { type: 'strategic', patch })).metadata.labels).toEqual({
        team: 'web',
      });

      await client.remove(ConfigMaps, ref);
      await expect(client.get(ConfigMaps, ref)).rejects.toSatisfy(isNotFound);
    });

    it('does not keep a dry run, and refuses what is there or is not valid', async () => {
      const { client } = session;
      const draft = { metadata: { name: 'dry', namespace } };
      expect((await client.create(ConfigMaps, draft, { dryRun: true })).metadata.name).toBe('dry');
      await expect(client.get(ConfigMaps, { namespace, name: 'dry' })).rejects.toSatisfy(isNotFound);
      await configMap('there');
      await expect(configMap('there')).rejects.toSatisfy(isAlreadyExists);
      await expect(configMap('Not A Name')).rejects.toSatisfy(isInvalid);
    });

    it('lists in pages', async () => {
      for (const name of ['page-a', 'page-b', 'page-c']) await configMap(name, {}, { page: 'yes' });
      const options = { namespace, labelSelector: 'page=yes', limit: 2 };
      const first = await session.client.list(ConfigMaps, options);
      const second = await session.client.list(ConfigMaps, { ...options, continue: first.metadata.continue });
      expect([first, second].map((list) => list.items.map((item) => item.metadata.name))).toEqual([
        ['page-a', 'page-b'],
        ['page-c'],
      ]);
      expect(second.metadata.continue ?? '').toBe('');
      expect(first.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    });

    it('keeps an informer current: own writes, changes, and objects that leave its selector', async () => {
      await configMap('seen-before', {}, { watched: 'yes' });
      using lease = session.informers.open(ConfigMaps, { namespace, labelSelector: 'watched=yes', trim: true });
      const { informer } = lease;
      await untilLive(informer);
      expect([...informer.cache.values()].map((item) => item.metadata.name)).toEqual(['seen-before']);
      const told: string[] = [];
      using _ = informer.subscribe((deltas: readonly Delta<ConfigMap>[]) => {
        for (const { type, object } of deltas) told.push(`${type} ${object.metadata.name}`);
      });

      const created = await configMap('seen', { a: '1' }, { watched: 'yes' });
      await informer.reached(created.metadata.resourceVersion, AbortSignal.timeout(LIMIT_MS));
      expect(informer.cache.get(`${namespace}/seen`)?.data).toEqual({ a: '1' });
      expect(informer.cache.get(`${namespace}/seen`)?.metadata.managedFields).toBeUndefined();

      const ref = { namespace, name: 'seen' };
      await session.client.patch(ConfigMaps, ref, { type: 'merge', patch: { data: { a: '2' } } });
      const patch = { metadata: { labels: { watched: 'no' } } };
      const left = await session.client.patch(ConfigMaps, ref, { type: 'merge', patch });
      await informer.reached(left.metadata.resourceVersion, AbortSignal.timeout(LIMIT_MS));
      expect(informer.cache.get(`${namespace}/seen`)).toBeUndefined();
      await new Promise((resolve) => setImmediate(resolve));
      expect(told).toEqual(['added seen', 'changed seen', 'removed seen']);
    });

    it('shows the server’s own table, live', async () => {
      await configMap('row', { a: '1', b: '2' }, { table: 'yes' });
      using lease = session.informers.openTable(ConfigMaps, { namespace, labelSelector: 'table=yes' });
      await untilLive(lease.informer);
      const column = (name: string) => lease.columns.findIndex((found) => found.name === name);
      expect(lease.columns.map(({ name }) => name)).toEqual(['Name', 'Data', 'Age']);
      const row = () => lease.informer.cache.get(`${namespace}/row`);
      expect(row()?.cells[column('Data')]).toBe(2);
      const patch = { data: { c: '3' } };
      const { metadata } = await session.client.patch(ConfigMaps, { namespace, name: 'row' }, { type: 'merge', patch });
      await lease.informer.reached(metadata.resourceVersion, AbortSignal.timeout(LIMIT_MS));
      expect(row()?.cells[column('Data')]).toBe(3);
      expect(row()).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'row', namespace } });
    });

    it('says so when a kind is not served', async () => {
      using lease = session.informers.open(Nothings, {});
      await expect(lease.informer.synced()).rejects.toSatisfy(isNotFound);
      expect(lease.informer.freshness.state).toBe('failed');
    });

    describe.skipIf(skips.containers !== undefined)('a running Pod', () => {
      const pod = { namespace, pod: 'web', container: 'web' };

      beforeAll(async () => {
        const containers = [{ name: 'web', image: 'nginx:1.29', ports: [{ containerPort: 80 }] }];
        await session.client.create(Pods, { metadata: { name: 'web', namespace }, spec: { containers } });
        using lease = session.informers.open(Pods, { namespace, fieldSelector: 'metadata.name=web' });
        const { informer } = lease;
        await new Promise<void>((resolve) => {
          const look = () => {
            const status = informer.cache.get(`${namespace}/web`)?.status;
            if (status?.phase === 'Running' && status.containerStatuses?.[0]?.ready) resolve();
          };
          informer.subscribe(look);
          look();
        });
      }, LIMIT_MS);

      it('has logs that can be read and followed', async () => {
        const read: string[] = [];
        for await (const lines of readLogs(session.client, pod)) read.push(...lines.map((line) => line.text));
        expect(read.length).toBeGreaterThan(0);
        const controller = new AbortController();
        const following = followLogs(session.client, { ...pod, clock: systemClock, signal: controller.signal });
        const first = await following.next();
        expect(first.value).toMatchObject({ type: 'lines' });
        controller.abort();
        await following.return(undefined);
      });

      it('runs commands', async () => {
        const process = await exec(session.carrier, {
          ...pod,
          command: ['sh', '-c', 'cat; exit 3'],
          tty: false,
          stdin: true,
        });
        await process.writeStdin(new TextEncoder().encode('hello\n'));
        process.endStdin();
        const parts: Uint8Array[] = [];
        for await (const part of process.stdout) parts.push(part);
        expect(Buffer.concat(parts).toString()).toBe('hello\n');
        expect(await process.exit).toEqual({ code: 3 });
      });

      it('answers on its port', async () => {
        const connection = await portForward(session.carrier, { ...pod, port: 80 });
        connection.write('GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n');
        let answer = '';
        for await (const chunk of connection) answer += String(chunk);
        expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
        expect(answer).toContain('nginx');
      });

      it('refuses to run in a container that is not there', async () => {
        const request = { ...pod, container: 'none', command: ['ls'], tty: false, stdin: false };
        await expect(exec(session.carrier, request)).rejects.toThrow(/container/);
      });
    });
  });
}

/** Informers a session holds for itself: they tell when discovery is to be read again. */
function isOwn(scopeName: string): boolean {
  return /table of (customresourcedefinitions|apiservices)$/.test(scopeName);
}

async function untilLive<T extends KubeObject>(informer: Informer<T>): Promise<void> {
  await informer.synced();
  if (informer.freshness.state === 'live') return;
  await new Promise<void>((resolve) => {
    const held = informer.subscribe(() => {
      if (informer.freshness.state !== 'live') return;
      held[Symbol.dispose]();
      resolve();
    });
  });
}

async function until(session: ClusterSession, isThere: () => boolean): Promise<void> {
  if (isThere()) return;
  await new Promise<void>((resolve) => {
    const held = session.subscribe(() => {
      if (!isThere()) return;
      held[Symbol.dispose]();
      resolve();
    });
  });
}

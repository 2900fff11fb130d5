import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigMaps, Pods } from '#common/kube/resources';
import type { ContainerStatus, Pod } from '#common/kube/types';
import { isNotFound } from '#common/kube/status-error';
import { podStatus } from '#common/kinds/pod-status';
import { TestSandbox } from '#test/harness/test-sandbox';

/** Each state of a Pod, reached by what causes it in a real cluster. */
describe('a Pod', () => {
  let sandbox: TestSandbox;

  beforeEach(async () => {
    sandbox = await TestSandbox.open({ nodes: 1 });
  });

  afterEach(async () => {
    expect(sandbox.reports).toEqual([]);
    await sandbox[Symbol.asyncDispose]();
  });

  let count = 0;

  async function start(spec: Partial<Pod['spec']>, container: object = {}): Promise<Pod> {
    const name = `pod-${++count}`;
    const main = { name: 'main', image: 'busybox', ...container };
    return sandbox.create(Pods, {
      metadata: { name },
      spec: { nodeName: 'node-1', containers: [main as never], ...spec },
    });
  }

  const sh = (script: string) => ({ command: ['sh', '-c', script] });
  const now = (pod: Pod): Promise<Pod> => sandbox.get(Pods, pod.metadata.name);
  const mainOf = ({ status }: Pod): ContainerStatus => status!.containerStatuses![0]!;

  /** Lets time pass in small steps until the Pod's state is the one that kubectl would show. */
  async function until(pod: Pod, state: string, withinMs = 700_000): Promise<Pod> {
    const seen = new Set<string>();
    for (let passed = 0; passed <= withinMs; passed += 500) {
      const current = await now(pod);
      const shown = podStatus(current).word;
      seen.add(shown);
      if (shown === state) return current;
      await sandbox.advance(500);
    }
    throw new Error(`${pod.metadata.name} never was ${state}, but ${[...seen].join(', ')}`);
  }

  async function gone(pod: Pod): Promise<boolean> {
    try {
      await now(pod);
      return false;
    } catch (failure) {
      if (isNotFound(failure)) return true;
      throw failure;
    }
  }

  const events = async (pod: Pod) => sandbox.eventsAbout(pod);

  it('waits for its image, then runs', async () => {
    const pod = await start({}, { image: 'nginx:1.29' });
    expect(mainOf(await until(pod, 'ContainerCreating')).state).toEqual({ waiting: { reason: 'ContainerCreating' } });
    const running = await until(pod, 'Running');
    expect(mainOf(running)).toMatchObject({
      ready: true,
      started: true,
      resources: {},
      user: { linux: { uid: 0, gid: 0, supplementalGroups: [0] } },
    });
    expect((await events(pod)).map((text) => text.replace(/".*|in .*/, ''))).toEqual([
      'Pulling: Pulling image ',
      'Pulled: Successfully pulled image ',
      'Created: Container created',
      'Started: Container started',
    ]);
  });

  it('goes through its init containers one by one', async () => {
    const init = [
      { name: 'one', image: 'busybox', ...sh('sleep 5') },
      { name: 'two', image: 'busybox', ...sh('sleep 5') },
    ];
    const pod = await start({ initContainers: init }, sh('sleep 3600'));
    await until(pod, 'Init:0/2');
    await until(pod, 'Init:1/2');
    await until(pod, 'PodInitializing');
    await until(pod, 'Running');
  });

  it('fails while it initializes, and tries again later and later', async () => {
    const pod = await start({ initContainers: [{ name: 'one', image: 'busybox', ...sh('exit 7') }] }, sh('sleep 3600'));
    await until(pod, 'Init:Error');
    const waiting = await until(pod, 'Init:CrashLoopBackOff');
    expect(waiting.status?.initContainerStatuses?.[0]?.lastState?.terminated).toMatchObject({
      exitCode: 7,
      reason: 'Error',
    });
    expect(waiting.status?.phase).toBe('Pending');
  });

  it('whose init container fails and may not restart has failed', async () => {
    const spec = { restartPolicy: 'Never', initContainers: [{ name: 'one', image: 'busybox', ...sh('exit 7') }] };
    const pod = await start(spec, sh('sleep 3600'));
    const ended = await until(pod, 'Init:Error');
    expect((await sandbox.get(Pods, ended.metadata.name)).status?.phase).toBe('Failed');
  });

  it.each([
    {
      image: 'nginx:nope',
      states: ['ErrImagePull', 'ImagePullBackOff'],
      event: 'Failed: Failed to pull image "nginx:nope": rpc error: code = NotFound',
    },
    { image: 'no such image', states: ['InvalidImageName'], event: 'InspectFailed: Failed to apply default image tag' },
    {
      image: 'redis:7',
      policy: 'Never',
      states: ['ErrImageNeverPull'],
      event: 'ErrImageNeverPull: Container image "redis:7" is not present with pull policy of Never',
    },
  ])('cannot get its image $image: $states', async ({ image, policy, states, event }) => {
    const pod = await start({}, { image, ...(policy ? { imagePullPolicy: policy } : {}) });
    for (const state of states) await until(pod, state);
    expect(await events(pod)).toContainEqual(expect.stringContaining(event));
  });

  it('lacks a ConfigMap that its environment names, until there is one', async () => {
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'later', key: 'a' } } }];
    const pod = await start({}, { ...sh('echo $A; sleep 3600'), env });
    await until(pod, 'CreateContainerConfigError');
    expect(await events(pod)).toContain('Failed: Error: configmap "later" not found');
    await sandbox.create(ConfigMaps, { metadata: { name: 'later' }, data: { a: '1' } });
    await until(pod, 'Running');
  });

  it('may not run as root', async () => {
    const pod = await start({}, { ...sh('sleep 3600'), securityContext: { runAsNonRoot: true } });
    const { name, uid } = (await until(pod, 'CreateContainerConfigError')).metadata;
    expect(await events(pod)).toContain(
      `Failed: Error: container has runAsNonRoot and image will run as root (pod: "${name}_default(${uid})", container: main)`,
    );
  });

  it('waits for a volume whose ConfigMap is not there', async () => {
    const spec = { volumes: [{ name: 'config', configMap: { name: 'absent' } }] };
    const pod = await start(spec, { ...sh('sleep 3600'), volumeMounts: [{ name: 'config', mountPath: '/config' }] });
    await sandbox.advance(5000);
    const waiting = await until(pod, 'ContainerCreating');
    expect(waiting.status?.podIP).toBeUndefined();
    expect(await events(pod)).toContain(
      'FailedMount: MountVolume.SetUp failed for volume "config" : configmap "absent" not found',
    );
  });

  it('names a program that is not there', async () => {
    const pod = await start({}, { command: ['nosuch'] });
    expect(mainOf(await until(pod, 'RunContainerError')).lastState?.terminated).toMatchObject({
      exitCode: 128,
      reason: 'StartError',
      startedAt: '1970-01-01T00:00:00Z',
    });
    await until(pod, 'CrashLoopBackOff');
  });

  it('crashes again and again', async () => {
    const pod = await start({}, sh('echo up; exit 3'));
    await until(pod, 'Error');
    const looping = await until(pod, 'CrashLoopBackOff');
    const { name, uid } = pod.metadata;
    expect(mainOf(looping)).toMatchObject({
      restartCount: 1,
      state: {
        waiting: { message: `back-off 10s restarting failed container=main pod=${name}_default(${uid})` },
      },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    });
    expect(looping.status?.phase).toBe('Running');
    expect(await events(pod)).toContain(
      `BackOff: Back-off restarting failed container main in pod ${name}_default(${uid})`,
    );
  });

  it('takes more memory than it may', async () => {
    const limits = { memory: '100Mi' };
    const command = ['stress', '--vm', '1', '--vm-bytes', '250M', '--vm-hang', '1'];
    const pod = await start({}, { image: 'polinux/stress', command, resources: { limits } });
    const killed = await until(pod, 'OOMKilled');
    expect(mainOf(killed).state?.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  });

  it('ends well', async () => {
    const pod = await start({ restartPolicy: 'Never' }, sh('echo done > /dev/termination-log'));
    const ended = await until(pod, 'Completed');
    expect(ended.status?.phase).toBe('Succeeded');
    expect(mainOf(ended).state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed', message: 'done\n' });
  });

  it('says its last words from the log', async () => {
    const container = { ...sh('echo broken >&2; exit 1'), terminationMessagePolicy: 'FallbackToLogsOnError' };
    const ended = await until(await start({ restartPolicy: 'Never' }, container), 'Error');
    expect(mainOf(ended).state?.terminated).toMatchObject({ exitCode: 1, message: 'broken\n' });
  });

  it('takes too long', async () => {
    const pod = await start({ activeDeadlineSeconds: 20, terminationGracePeriodSeconds: 1 }, sh('sleep 3600'));
    await until(pod, 'Running');
    const ended = await until(pod, 'DeadlineExceeded');
    expect(ended.status).toMatchObject({
      phase: 'Failed',
      message: 'Pod was active on the node longer than the specified deadline',
    });
  });

  it('fills more of the disk than it may', async () => {
    const limits = { 'ephemeral-storage': '100Ki' };
    const pod = await start(
      {},
      {
        ...sh(
          'head -c 300000 /etc/passwd > /dev/null; i=0; while [ $i -lt 30 ]; do printf "%8192s" x >> /data; i=$((i+1)); done; sleep 3600',
        ),
        resources: { limits },
      },
    );
    const evicted = await until(pod, 'Evicted');
    expect(evicted.status).toMatchObject({
      phase: 'Failed',
      message: 'Pod ephemeral local storage usage exceeds the total limit of containers 100Ki. ',
    });
    expect(evicted.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', reason: 'TerminationByKubelet' }),
    );
  });

  it('is held by a finalizer', async () => {
    const pod = await start({ terminationGracePeriodSeconds: 1 }, sh('sleep 3600'));
    await until(pod, 'Running');
    const ref = { name: pod.metadata.name, namespace: 'default' };
    const held = { metadata: { finalizers: ['example.com/hold'] } };
    await sandbox.client.patch(Pods, ref, { type: 'merge', patch: held });
    await sandbox.client.remove(Pods, ref);
    await until(pod, 'Terminating');
    await sandbox.advance(60_000);
    expect((await now(pod)).status?.phase).toBe('Failed');
    await sandbox.client.patch(Pods, ref, { type: 'merge', patch: { metadata: { finalizers: null } } });
    expect(await gone(pod)).toBe(true);
  });

  it('has its whole grace when nothing listens to signals', async () => {
    const pod = await start({ terminationGracePeriodSeconds: 30 }, sh('sleep 3600'));
    await until(pod, 'Running');
    await sandbox.client.remove(Pods, { name: pod.metadata.name, namespace: 'default' });
    await sandbox.advance(29_000);
    expect(await gone(pod)).toBe(false);
    await sandbox.advance(2000);
    expect(await gone(pod)).toBe(true);
  });

  it('runs hooks after the start and before the end', async () => {
    const lifecycle = {
      postStart: { exec: { command: ['sh', '-c', 'echo hello > /tmp/hook'] } },
      preStop: { exec: { command: ['sh', '-c', 'exit 1'] } },
    };
    const script = `trap 'cat /tmp/hook; exit 0' TERM; while true; do sleep 1; done`;
    const pod = await start({}, { ...sh(script), lifecycle });
    await until(pod, 'Running');
    await sandbox.client.remove(Pods, { name: pod.metadata.name, namespace: 'default' });
    // Well before its grace is over: it has ended by itself.
    for (let passed = 0; passed < 20_000 && !(await gone(pod)); passed += 500) await sandbox.advance(500);
    expect(await gone(pod)).toBe(true);
    expect(await events(pod)).toContain('FailedPreStopHook: PreStopHook failed');
  });

  it('is ended when the hook after its start fails', async () => {
    const lifecycle = { postStart: { exec: { command: ['sh', '-c', 'exit 1'] } } };
    const pod = await start({ terminationGracePeriodSeconds: 2 }, { ...sh('sleep 3600'), lifecycle });
    const failed = await until(pod, 'PostStartHookError');
    expect(mainOf(failed).state?.waiting?.message).toContain(
      'Exec lifecycle hook ([sh -c exit 1]) for Container "main"',
    );
    await until(pod, 'CrashLoopBackOff');
    expect(await events(pod)).toContain('FailedPostStartHook: PostStartHook failed');
  });

  it('is turned away by a node without room', async () => {
    const pod = await start({}, { ...sh('sleep 3600'), resources: { requests: { cpu: '100' } } });
    const rejected = await until(pod, 'OutOfcpu');
    expect(rejected.status).toMatchObject({
      phase: 'Failed',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 100000, used: 0, capacity: 8000",
    });
  });

  it('is turned away by a node it did not ask for', async () => {
    const pod = await start({ nodeSelector: { disk: 'ssd' } }, sh('sleep 3600'));
    expect((await until(pod, 'NodeAffinity')).status?.message).toBe(
      "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    );
  });

  it('starts its sidecars before and ends them after the others', async () => {
    const sidecar = {
      name: 'side',
      image: 'busybox',
      restartPolicy: 'Always',
      ...sh(`trap 'echo side ends; exit 0' TERM; echo side; while true; do sleep 1; done`),
    };
    const pod = await start({ restartPolicy: 'Never', initContainers: [sidecar] }, sh('sleep 20'));
    const running = await until(pod, 'Running');
    expect(running.status?.initContainerStatuses?.[0]).toMatchObject({ started: true, ready: true });
    await until(pod, 'Completed');
    await sandbox.advance(2000);
    const ended = await now(pod);
    expect(ended.status?.phase).toBe('Succeeded');
    expect(ended.status?.initContainerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 0,
      reason: 'Completed',
    });
  });

  it('is resized while it runs, and waits when there is no room', async () => {
    const resources = { requests: { cpu: '500m' }, limits: { cpu: '1' } };
    const pod = await start({}, { ...sh('sleep 3600'), resources });
    await until(pod, 'Running');
    const ref = { name: pod.metadata.name, namespace: 'default' };
    const resize = (cpu: string) =>
      sandbox.client.patch(
        Pods,
        ref,
        {
          type: 'strategic',
          patch: { spec: { containers: [{ name: 'main', resources: { requests: { cpu }, limits: { cpu } } }] } },
        },
        { subresource: 'resize' },
      );
    await resize('2');
    await sandbox.advance(2000);
    const resized = await now(pod);
    expect(mainOf(resized)).toMatchObject({
      restartCount: 0,
      resources: { limits: { cpu: '2' } },
      allocatedResources: { cpu: '2' },
    });
    await resize('64');
    await sandbox.advance(2000);
    expect((await now(pod)).status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'PodResizePending', reason: 'Deferred' }),
    );
    await resize('1');
    await sandbox.advance(2000);
    expect((await now(pod)).status?.conditions?.map(({ type }) => type)).not.toContain('PodResizePending');
    expect((await events(pod)).map((text) => text.replace(/:.*/, ''))).toEqual(
      expect.arrayContaining(['ResizeStarted', 'ResizeCompleted', 'ResizeDeferred']),
    );
  });

  it('runs a container to look around in', async () => {
    const pod = await start({}, sh('sleep 3600'));
    await until(pod, 'Running');
    const ref = { name: pod.metadata.name, namespace: 'default' };
    const ephemeralContainers = [{ name: 'debugger', image: 'busybox', ...sh('sleep 3600') }];
    await sandbox.client.patch(
      Pods,
      ref,
      { type: 'strategic', patch: { spec: { ephemeralContainers } } },
      { subresource: 'ephemeralcontainers' },
    );
    await sandbox.advance(3000);
    expect((await now(pod)).status?.ephemeralContainerStatuses?.[0]).toMatchObject({
      name: 'debugger',
      state: { running: {} },
    });
  });
});

import { execFile, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKubectl } from '#test/harness/kubectl';
import { KubectlCluster } from '#test/harness/kubectl-cluster';

/** What people do with kubectl all day, with the real one, against one sandbox cluster. */
const kubectl = findKubectl();
const OLD_STREAMS = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' };

let cluster: KubectlCluster;
const run = (...args: string[]) => cluster.run(...args);
const tried: KubectlCluster['tried'] = (...args) => cluster.tried(...args);

beforeAll(async () => {
  if (!kubectl) return;
  cluster = await KubectlCluster.open({ name: 'verbs', nodes: 2, scenario: 'empty', seed: 11 });
  await run('create', 'deployment', 'web', '--image=nginx:1.27', '--replicas=2');
  await run('run', 'box', '--image=busybox:1.36', '--command', '--', 'sleep', '3600');
  await run('rollout', 'status', 'deployment/web', '--timeout=60s');
  await run('wait', '--for=condition=Ready', 'pod/box', '--timeout=60s');
});

afterAll(() => cluster?.[Symbol.asyncDispose]());

const namesOf = (text: string) => text.split('\n').flatMap((line) => /^\S+/.exec(line)?.[0] ?? []);

describe.skipIf(!kubectl)('kubectl against a sandbox', () => {
  it('gets objects as tables, wide ones, names, JSON paths and YAML', async () => {
    expect(await run('get', 'pods')).toMatch(/^NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\n/);
    expect(await run('get', 'nodes', '-o', 'wide')).toMatch(/containerd:\/\//);
    expect(await run('get', 'deploy', 'web', '-o', 'jsonpath={.status.readyReplicas}')).toBe('2');
    expect(namesOf(await run('get', 'all', '-o', 'name'))).toContain('deployment.apps/web');
    expect(await run('get', 'pod', 'box', '-o', 'yaml')).toContain('qosClass: BestEffort');
    expect((await tried(['get', 'pod', 'nobody'])).err).toBe('Error from server (NotFound): pods "nobody" not found\n');
  });

  it('applies, patches, labels and sets, on the client and on the server', async () => {
    const manifest = (value: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {mode: "${value}"}\n`;
    const apply = async (value: string, ...flags: string[]) =>
      (await tried(['apply', ...flags, '-f', '-'], { input: manifest(value) })).out;
    expect(await apply('a')).toBe('configmap/settings created\n');
    expect(await apply('a')).toBe('configmap/settings unchanged\n');
    expect(await apply('b')).toBe('configmap/settings configured\n');
    expect((await tried(['diff', '-f', '-'], { input: manifest('c') })).out).toContain('+  mode: c');
    const taken = await tried(['apply', '--server-side', '--field-manager=other', '-f', '-'], { input: manifest('d') });
    expect(taken.err).toContain(
      'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.mode',
    );
    expect(await apply('d', '--server-side', '--force-conflicts')).toBe('configmap/settings serverside-applied\n');
    await run('patch', 'configmap', 'settings', '--type=json', '-p', '[{"op":"add","path":"/data/extra","value":"1"}]');
    await run('label', 'configmap', 'settings', 'tier=front');
    await run('annotate', 'configmap', 'settings', 'note=kept');
    expect(await run('get', 'cm', '-l', 'tier=front', '-o', 'jsonpath={.items[0].data}')).toBe(
      '{"extra":"1","mode":"d"}',
    );
  });

  it('rolls a Deployment out, shows its history and takes it back', async () => {
    await run('set', 'image', 'deployment/web', 'nginx=nginx:1.28');
    expect(await run('rollout', 'status', 'deployment/web', '--timeout=60s')).toContain('successfully rolled out');
    expect(await run('rollout', 'history', 'deployment/web')).toMatch(/1\s+<none>\n2\s+<none>/);
    expect(await run('rollout', 'undo', 'deployment/web')).toBe('deployment.apps/web rolled back\n');
    await run('rollout', 'status', 'deployment/web', '--timeout=60s');
    expect(await run('get', 'deploy', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe(
      'nginx:1.27',
    );
    await run('rollout', 'restart', 'deployment/web');
    await run('rollout', 'status', 'deployment/web', '--timeout=60s');
    await run('scale', 'deployment/web', '--replicas=3');
    await run('wait', '--for=jsonpath={.status.readyReplicas}=3', 'deployment/web', '--timeout=60s');
  });

  it('reads logs and follows them', async () => {
    expect(await run('logs', 'deployment/web', '--tail=1')).toMatch(/\S+\n$/);
    await run('run', 'speaker', '--image=busybox', '--restart=Never', '--', 'sh', '-c', 'echo one; sleep 1; echo two');
    await run('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/speaker', '--timeout=60s');
    expect(await run('logs', '-f', 'speaker')).toBe('one\ntwo\n');
    expect(await run('logs', 'speaker', '--timestamps', '--tail=1')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z two\n$/);
  });

  it.each([
    ['WebSocket', {}],
    ['SPDY', OLD_STREAMS],
  ])('runs commands in containers and copies files over %s', async (_, env) => {
    const exec = (...args: string[]) => tried(['exec', ...args], { env });
    expect((await exec('box', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3')).code).toBe(3);
    expect((await exec('box', '--', 'no-such-command')).code).not.toBe(0);
    const input = await tried(['exec', '-i', 'box', '--', 'cat'], { env, input: 'through\n' });
    expect(input).toMatchObject({ code: 0, out: 'through\n' });
    const there = join(cluster.folder, 'there.txt');
    const back = join(cluster.folder, 'back.txt');
    await writeFile(there, 'carried\n'.repeat(1000));
    expect(await tried(['cp', there, 'box:/tmp/there.txt'], { env })).toMatchObject({ code: 0 });
    expect((await exec('box', '--', 'wc', '-l', '/tmp/there.txt')).out).toMatch(/^\s*1000 \/tmp\/there\.txt/);
    expect(await tried(['cp', 'box:/tmp/there.txt', back], { env })).toMatchObject({ code: 0 });
    expect(await readFile(back, 'utf8')).toBe('carried\n'.repeat(1000));
    expect(await run('get', '--raw', '/readyz')).toBe('ok');
  });

  it.each([
    ['WebSocket', {}],
    ['SPDY', OLD_STREAMS],
  ])('forwards a port over %s', async (_, env) => {
    const args = ['--kubeconfig', cluster.kubeconfig, 'port-forward', 'deployment/web', ':80'];
    const child = spawn(kubectl ?? 'kubectl', args, { env: { ...process.env, ...env } });
    try {
      const port = await new Promise<string>((resolve, reject) => {
        child.stdout.on('data', (part) => resolve(/127\.0\.0\.1:(\d+)/.exec(String(part))?.[1] ?? ''));
        child.once('close', () => reject(new Error('the forward ended')));
      });
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain('Welcome to nginx!');
    } finally {
      child.kill();
    }
  });

  it('exposes a Deployment and finds its backends', async () => {
    await run('expose', 'deployment', 'web', '--port=80');
    expect(await run('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}')).toMatch(/^10\.96\./);
    await run(
      'wait',
      '--for=jsonpath={.endpoints[2].conditions.ready}=true',
      'endpointslice',
      '-l',
      'kubernetes.io/service-name=web',
      '--timeout=30s',
    );
  });

  it('edits an object in an editor', async () => {
    const env = { KUBE_EDITOR: 'sed -i s/mode:.*/mode:\\ edited/' };
    expect((await tried(['edit', 'configmap', 'settings'], { env })).out).toBe('configmap/settings edited\n');
    expect(await run('get', 'cm', 'settings', '-o', 'jsonpath={.data.mode}')).toBe('edited');
  });

  it('drains a node and lets it back', async () => {
    const node = await run('get', 'pod', '-l', 'app=web', '-o', 'jsonpath={.items[0].spec.nodeName}');
    await run('taint', 'nodes', node, 'spare=true:NoSchedule');
    await run('taint', 'nodes', node, 'spare-');
    const drained = await tried([
      'drain',
      node,
      '--ignore-daemonsets',
      '--force',
      '--delete-emptydir-data',
      '--timeout=60s',
    ]);
    expect(drained.out).toContain(`node/${node} drained`);
    expect(await run('get', 'node', node)).toContain('SchedulingDisabled');
    await run('uncordon', node);
    await run('rollout', 'status', 'deployment/web', '--timeout=60s');
  });

  it('explains kinds, lists them and says what one may do', async () => {
    expect(await run('explain', 'deployment.spec.strategy')).toContain('rollingUpdate');
    expect(await run('api-resources', '--api-group=apps', '-o', 'name')).toContain('deployments.apps');
    expect(await run('auth', 'can-i', '--list')).toContain('*.*');
    expect(await run('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}')).toBe('kubernetes-admin');
    const denied = await tried(['auth', 'can-i', 'delete', 'pods', '--as=system:serviceaccount:default:default']);
    expect(denied.out).toBe('no\n');
  });

  it('watches until what it waits for has gone', async () => {
    // It does not heed TERM: its grace is the time in which the watch begins.
    await run('run', 'brief', '--image=busybox', '--restart=Never', '--', 'sleep', '3600');
    await run('wait', '--for=condition=Ready', 'pod/brief', '--timeout=30s');
    const watch = new Promise<string>((resolve) => {
      const args = ['--kubeconfig', cluster.kubeconfig, 'wait', '--for=delete', 'pod/brief', '--timeout=30s'];
      execFile(kubectl ?? 'kubectl', args, (_, out) => resolve(out));
    });
    await run('delete', 'pod', 'brief', '--grace-period=3');
    expect(await watch).toContain('pod/brief condition met');
    expect(await run('delete', 'deployment,service', 'web')).toContain('deleted');
  });
});

import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKubectl } from '#test/harness/kubectl';
import { KubectlCluster } from '#test/harness/kubectl-cluster';

/** What joins a client to something that runs: logs, attach, debug, cp, proxy. */
const kubectl = findKubectl();
const OLD_STREAMS = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' };
const TRANSPORTS = [
  ['WebSocket', {}],
  ['SPDY', OLD_STREAMS],
] as const;

let cluster: KubectlCluster;
const run = (...args: string[]) => cluster.run(...args);
const tried: KubectlCluster['tried'] = (...args) => cluster.tried(...args);

beforeAll(async () => {
  if (!kubectl) return;
  cluster = await KubectlCluster.open({ name: 'streams', nodes: 2, scenario: 'empty', seed: 5 });
  await run('run', 'web', '--image=nginx:1.27', '--port=80', '--expose');
  await run('run', 'box', '--image=busybox:1.36', '--command', '--', 'sleep', '3600');
  await run('wait', '--for=condition=Ready', 'pod/web', 'pod/box', '--timeout=60s');
});

afterAll(() => cluster?.[Symbol.asyncDispose]());

describe.skipIf(!kubectl)('kubectl joined to what runs', () => {
  it('reads logs as it is asked to, and says why it cannot', async () => {
    const script = 'echo one; echo two >&2; echo three; exit 1';
    await run('run', 'speaker', '--image=busybox', '--restart=OnFailure', '--', 'sh', '-c', script);
    await run('wait', '--for=jsonpath={.status.containerStatuses[0].restartCount}=1', 'pod/speaker', '--timeout=60s');
    expect(await run('logs', 'speaker', '--previous')).toBe('one\ntwo\nthree\n');
    expect(await run('logs', 'speaker', '--previous', '--tail=1')).toBe('three\n');
    expect(await run('logs', 'speaker', '--previous', '--limit-bytes=5')).toBe('one\nt');
    expect(await run('logs', 'speaker', '--previous', '--since=1h')).toBe('one\ntwo\nthree\n');
    expect(await run('logs', 'speaker', '--previous', '--since-time=2100-01-01T00:00:00Z')).toBe('');
    expect((await tried(['logs', 'box', '-p'])).err).toBe(
      'Error from server (BadRequest): previous terminated container "box" in pod "box" not found\n',
    );
    expect((await tried(['logs', 'box', '-c', 'none'])).err).toContain('container none is not valid for pod box');
    await run('delete', 'pod', 'speaker', '--now');
  });

  it.each(TRANSPORTS)('feeds a container of its own and takes it away again, over %s', async (_, env) => {
    const args = ['run', 'once', '-i', '--rm', '--restart=Never', '--image=busybox', '--', 'cat'];
    const { out, code } = await tried(args, { env, input: 'through the container\n' });
    expect(out).toContain('through the container\n');
    expect(out).toContain('pod "once" deleted');
    expect(code).toBe(0);
  });

  it.each(TRANSPORTS)('attaches to a process that runs already, over %s', async (transport, env) => {
    const name = `reader-${transport.toLowerCase()}`;
    const command = ['sh', '-c', 'while read line; do echo got $line; done'];
    await run(
      'run',
      name,
      '--image=busybox',
      '--stdin',
      '--attach=false',
      '--restart=Never',
      '--command',
      '--',
      ...command,
    );
    await run('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s');
    const { out } = await tried(['attach', '-i', name], { env, input: 'a\nb\n' });
    expect(out).toContain('got a\ngot b\n');
  });

  it('debugs by a container beside, by a copy, and on a node', async () => {
    const beside = await tried([
      'debug',
      'web',
      '-i',
      '--image=busybox',
      '-c',
      'probe',
      '--',
      'sh',
      '-c',
      'echo beside',
    ]);
    expect(beside.out + beside.err).toContain('beside');
    expect(await run('get', 'pod', 'web', '-o', 'jsonpath={.spec.ephemeralContainers[0].name}')).toBe('probe');
    await run(
      'wait',
      '--for=jsonpath={.status.ephemeralContainerStatuses[0].state.terminated.exitCode}=0',
      'pod/web',
      '--timeout=30s',
    );
    await run('debug', 'web', '--copy-to=web-copy', '--set-image=*=httpd:2.4', '--share-processes');
    expect(await run('get', 'pod', 'web-copy', '-o', 'jsonpath={.spec.containers[0].image}')).toBe('httpd:2.4');
    // It has the labels of the Pod, and would answer for it behind its Service.
    await run('delete', 'pod', 'web-copy', '--now');
    const node = await run('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}');
    const onNode = await tried(['debug', `node/${node}`, '-i', '--image=busybox', '--', 'sh', '-c', 'ls -d /host']);
    expect(onNode.out + onNode.err).toContain('/host');
    const debuggers = await run('get', 'pods', '-o', 'name', '--field-selector', `spec.nodeName=${node}`);
    expect(debuggers).toContain(`pod/node-debugger-${node}`);
  });

  it.each(TRANSPORTS)('copies folders there and back over %s', async (transport, env) => {
    const here = join(cluster.folder, `there-${transport}`);
    await mkdir(join(here, 'deep'), { recursive: true });
    await writeFile(join(here, 'deep', 'file.txt'), `${transport}\n`.repeat(5000));
    expect(await tried(['cp', here, 'box:/tmp/'], { env })).toMatchObject({ code: 0 });
    const back = join(cluster.folder, `back-${transport}`);
    expect(await tried(['cp', `default/box:/tmp/there-${transport}`, back], { env })).toMatchObject({ code: 0 });
    expect(await readFile(join(back, 'deep', 'file.txt'), 'utf8')).toBe(`${transport}\n`.repeat(5000));
    const missing = await tried(['cp', 'box:/tmp/none', join(cluster.folder, 'none')], { env });
    expect(missing.code).not.toBe(0);
  });

  it('reaches Pods, Services and nodes through its own proxy', async () => {
    const child = spawn(kubectl ?? 'kubectl', ['--kubeconfig', cluster.kubeconfig, 'proxy', '--port=0']);
    try {
      const address = await new Promise<string>((resolve, reject) => {
        child.stdout.on('data', (part) => resolve(/127\.0\.0\.1:\d+/.exec(String(part))?.[0] ?? ''));
        child.once('close', () => reject(new Error('the proxy ended')));
      });
      const home = `http://${address}/api/v1/namespaces/default`;
      const textOf = async (url: string) => (await fetch(url)).text();
      expect(await textOf(`${home}/pods/web/proxy/`)).toContain('Welcome to nginx!');
      expect(await textOf(`${home}/services/web:80/proxy`)).toContain('Welcome to nginx!');
      const node = await run('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}');
      expect(await textOf(`http://${address}/api/v1/nodes/${node}/proxy/healthz`)).toBe('ok');
      expect(await textOf(`${home}/services/nobody/proxy/`)).toContain('services \\"nobody\\" not found');
      expect(await textOf(`http://${address}/api/v1/namespaces/default/pods/box/exec`)).toBe('Forbidden\n');
    } finally {
      child.kill();
    }
  });

  it('refuses streams in the words of the real thing', async () => {
    expect((await tried(['exec', 'nobody', '--', 'true'])).err).toBe(
      'Error from server (NotFound): pods "nobody" not found\n',
    );
    expect((await tried(['exec', 'box', '-c', 'none', '--', 'true'])).err).toContain(
      'container none is not valid for pod box',
    );
    await run('run', 'homeless', '--image=busybox', '--overrides={"spec":{"nodeSelector":{"no":"where"}}}');
    expect((await tried(['exec', 'homeless', '--', 'true'])).err).toContain(
      'pod homeless does not have a host assigned',
    );
    expect((await tried(['port-forward', 'pod/homeless', ':80'])).err).toContain(
      'unable to forward port because pod is not running. Current status=Pending',
    );
    await run('delete', 'pod', 'homeless', '--now');
    const stranger = ['--as=system:serviceaccount:default:default'];
    expect((await tried(['exec', 'box', ...stranger, '--', 'true'])).err).toContain('pods "box" is forbidden');
  });
});

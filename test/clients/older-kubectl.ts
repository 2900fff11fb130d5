import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client, TriedServer } from './client';
import { CommandLine } from './command-line';
import { OLDER_KUBECTLS, olderKubectl, type Release } from './programs';

/** kubectl of the minors before the one that is imitated. */
export const olderKubectls: readonly Client[] = OLDER_KUBECTLS.map((release: Release) => {
  const [, minor = ''] = release.version.split('.');
  return {
    name: `kubectl-1.${minor}`,
    title: `kubectl ${release.version}`,
    does: 'get, apply, diff, patch, rollout, explain, wait, drain, auth, create with dry runs, describe; exec, cp, logs and port-forward where Pods run',
    async prepare(log) {
      const program = await olderKubectl(release, log);
      return (server) => tryKubectl(program, server, `kubectl-1-${minor}`);
    },
  };
});

const web = (image: string, namespace: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: ${namespace}, labels: { app: web } }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: web, image: '${image}', ports: [{ containerPort: 80 }], resources: { requests: { cpu: 50m, memory: 32Mi } } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: ${namespace} }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 80 }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: ${namespace} }
data: { image: '${image}' }
`;

async function tryKubectl(program: string, server: TriedServer, namespace: string): Promise<string[]> {
  const folder = await mkdtemp(join(server.folder, 'kubectl-'));
  const env = { KUBECONFIG: server.kubeconfig, KUBECACHEDIR: join(folder, 'cache'), KUBECTL_EXTERNAL_DIFF: 'diff -u' };
  const kubectl = new CommandLine('kubectl', program, { env, cwd: folder });
  await kubectl.run(['create', 'namespace', namespace]);
  const trial: Trial = {
    kubectl,
    namespace,
    folder,
    run: (...args) => kubectl.run([...args, '-n', namespace]),
  };
  await applies(trial);
  await rollsOut(trial);
  await creates(trial);
  await reads(trial);
  await drains(trial);
  if (server.isLive) await streams(trial);
  await kubectl.run(['delete', 'namespace', namespace]);
  return kubectl.lines;
}

interface Trial {
  kubectl: CommandLine;
  namespace: string;
  folder: string;
  /** In the namespace. */
  run: (...args: string[]) => Promise<unknown>;
}

async function applies({ kubectl, namespace, folder, run }: Trial): Promise<void> {
  const manifest = async (image: string) => writeFile(join(folder, 'web.yaml'), web(image, namespace));
  await manifest('nginx:1.27');
  await run('apply', '-f', 'web.yaml');
  await run('apply', '-f', 'web.yaml');
  await manifest('nginx:1.28');
  // Names of temporary files.
  await kubectl.run(['diff', '-f', 'web.yaml'], { without: /^(---|\+\+\+|diff) / });
  await run('apply', '-f', 'web.yaml', '--dry-run=server');
  await run('apply', '-f', 'web.yaml');
  await run('apply', '--server-side', '--field-manager=other', '-f', 'web.yaml');
  await manifest('nginx:1.29');
  await run('apply', '--server-side', '--field-manager=third', '-f', 'web.yaml');
  await run('apply', '--server-side', '--field-manager=third', '--force-conflicts', '-f', 'web.yaml');
  await run('apply', 'view-last-applied', 'configmap/settings');
  await run('patch', 'configmap', 'settings', '--type=json', '-p', '[{"op":"test","path":"/data/image","value":"x"}]');
  await run('patch', 'configmap', 'settings', '--type=merge', '-p', '{"data":{"more":"1"}}');
  await run(
    'patch',
    'deployment',
    'web',
    '-p',
    '{"spec":{"template":{"spec":{"containers":[{"name":"web","tty":true}]}}}}',
  );
  await run('label', 'configmap', 'settings', 'tier=front');
  await run('label', 'configmap', 'settings', 'tier=back');
  await run('annotate', 'configmap', 'settings', 'note=kept', '--overwrite');
  await run('replace', '-f', 'web.yaml', '--validate=strict');
}

async function rollsOut({ kubectl, namespace, run }: Trial): Promise<void> {
  const settled = async () => {
    // How many updates are seen on the way is chance.
    const rollout = ['rollout', 'status', 'deployment/web', '-n', namespace, '--timeout=90s'];
    await kubectl.run(rollout, { without: /^Waiting/ });
  };
  await settled();
  await run('set', 'image', 'deployment/web', 'web=nginx:1.26');
  await settled();
  await run('rollout', 'history', 'deployment/web');
  await run('rollout', 'undo', 'deployment/web');
  await settled();
  await run('rollout', 'pause', 'deployment/web');
  await run('rollout', 'restart', 'deployment/web');
  await run('rollout', 'resume', 'deployment/web');
  await run('rollout', 'restart', 'deployment/web');
  await settled();
  await run('scale', 'deployment/web', '--replicas=3', '--current-replicas=2');
  await run('wait', '--for=jsonpath={.status.readyReplicas}=3', 'deployment/web', '--timeout=60s');
  await run('wait', '--for=condition=Available', 'deployment/web', '--timeout=60s');
  await run('wait', '--for=delete', 'pod/nobody', '--timeout=5s');
}

/** What kubectl makes of words alone; a dry run shows what the server would make of it. */
async function creates({ run, kubectl, namespace }: Trial): Promise<void> {
  const dry = async (...args: string[]) => {
    const whole = [...args, '-n', namespace, '--dry-run=server', '-o', 'yaml'];
    await kubectl.run(whole, { without: /creationTimestamp|uid:|clusterIP|^ {2}- (IP|10\.)|nodePort/ });
  };
  await dry('create', 'job', 'once', '--image=busybox:1.36', '--', 'true');
  await dry('create', 'cronjob', 'nightly', '--image=busybox:1.36', '--schedule=0 3 * * *', '--', 'true');
  await dry('create', 'quota', 'small', '--hard=pods=10,requests.cpu=2');
  await dry('create', 'role', 'reader', '--verb=get,list', '--resource=pods');
  await dry('create', 'ingress', 'web', '--rule=web.test/*=web:80');
  await dry('create', 'poddisruptionbudget', 'web', '--selector=app=web', '--min-available=1');
  await dry('expose', 'deployment', 'web', '--port=8080', '--name=web-too');
  await dry('autoscale', 'deployment', 'web', '--min=1', '--max=3', '--cpu-percent=50');
  await dry('run', 'box', '--image=busybox:1.36', '--restart=Never', '--', 'sleep', '1');
  await run('create', 'secret', 'generic', 'key', '--from-literal=a=b');
  await run('create', 'secret', 'generic', 'key', '--from-literal=a=b');
  await run('create', 'serviceaccount', 'robot');
  await run('create', 'rolebinding', 'robot', '--clusterrole=view', `--serviceaccount=${namespace}:robot`);
  await run('create', 'deployment', 'Bad_Name', '--image=nginx');
  await run('create', 'configmap', 'doomed');
  await run('delete', 'configmap', 'doomed', '--now');
}

async function reads({ run, kubectl, namespace }: Trial): Promise<void> {
  await kubectl.run(['get', 'pods', '-n', namespace, '-l', 'app=web'], { isUnordered: true });
  await run('get', 'deployments,services,configmaps');
  await run(
    'get',
    'deployment',
    'web',
    '-o',
    'jsonpath={.spec.template.spec.containers[0].image} {.status.readyReplicas}',
  );
  await run('get', 'configmap', 'settings', '-o', 'yaml', '--show-managed-fields');
  await run('get', 'pods', 'nobody');
  await run('get', 'nothings');
  await run(
    'get',
    'configmaps',
    '--field-selector=metadata.name=settings',
    '-o',
    'custom-columns=NAME:.metadata.name,IMAGE:.data.image',
  );
  await run('get', 'configmaps', '-l', 'tier in (back)', '-o', 'name');
  await run('explain', 'pods.spec.containers.livenessProbe');
  await run('explain', 'deployments.spec.strategy', '--recursive');
  await run('explain', 'cronjobs.spec', '--output=plaintext-openapiv2');
  await run('auth', 'whoami');
  await run('auth', 'can-i', 'list', 'pods', `--as=system:serviceaccount:${namespace}:robot`);
  await run('auth', 'can-i', 'delete', 'pods', `--as=system:serviceaccount:${namespace}:robot`);
  await kubectl.run(['auth', 'can-i', '--list', '-n', namespace, '--as=somebody'], { isUnordered: true });
  await run('describe', 'configmap', 'settings');
  await run('describe', 'service', 'web');
  await kubectl.run(['describe', 'deployment', 'web', '-n', namespace], {
    without: /deployment-controller|Replica[Ss]et/,
  });
  await run('describe', 'serviceaccount', 'robot');
  await kubectl.run(['api-resources', '--sort-by=name'], { without: /metrics\.k8s\.io/ });
  await kubectl.run(['api-versions'], { without: /metrics\.k8s\.io/ });
  await kubectl.run(['get', '--raw', '/readyz']);
  await kubectl.run(['cluster-info']);
}

async function drains({ kubectl, namespace }: Trial): Promise<void> {
  const isolated = [`--pod-selector=app=web`, '--timeout=60s'];
  await kubectl.run(['cordon', 'node-2']);
  await kubectl.run(['get', 'node', 'node-2', '-o', 'jsonpath={.spec.unschedulable} {.spec.taints[*].key}']);
  // Which Pods are there is the scheduler's own choice.
  await kubectl.run(['drain', 'node-2', ...isolated], { without: /^(evicting )?pod/ });
  await kubectl.run(['rollout', 'status', 'deployment/web', '-n', namespace, '--timeout=60s'], { without: /^Waiting/ });
  const nodes = ['get', 'pods', '-n', namespace, '-l', 'app=web', '-o'];
  await kubectl.run([...nodes, 'jsonpath={.items[*].spec.nodeName}']);
  await kubectl.run(['uncordon', 'node-2']);
  await kubectl.run(['taint', 'node', 'node-2', 'tried=yes:NoSchedule']);
  await kubectl.run(['taint', 'node', 'node-2', 'tried-']);
}

/** What only Pods that run for real can show; every expectation stands here. */
async function streams({ kubectl, namespace, folder }: Trial): Promise<void> {
  const here = ['-n', namespace];
  const { out } = await kubectl.quietly(['get', 'pods', ...here, '-l', 'app=web', '-o', 'name']);
  const pod = (out.split('\n')[0] ?? '').replace('pod/', '');
  await kubectl.expect(['exec', pod, ...here, '--', 'sh', '-c', 'echo hello'], 'hello\n');
  await kubectl.expect(['exec', '-i', pod, ...here, '--', 'cat'], 'through\n', { input: 'through\n' });
  const { code } = await kubectl.quietly(['exec', pod, ...here, '--', 'sh', '-c', 'exit 5']);
  if (code !== 5) throw new Error(`kubectl exec ended with ${code} where the command ended with 5`);
  await writeFile(join(folder, 'there.txt'), 'carried\n'.repeat(2000));
  await kubectl.expect(['cp', 'there.txt', `${namespace}/${pod}:/tmp/there.txt`], '');
  await kubectl.expect(['cp', `${namespace}/${pod}:/tmp/there.txt`, 'back.txt'], /^(tar: .*\n)?$/);
  if ((await readFile(join(folder, 'back.txt'), 'utf8')) !== 'carried\n'.repeat(2000))
    throw new Error('kubectl cp lost something');
  await kubectl.expect(['logs', 'deployment/web', ...here, '--tail=1'], /\S/);
  await kubectl.expect(
    ['debug', pod, ...here, '--image=busybox:1.36', '--target=web', '-i', '--', 'echo', 'debugged'],
    /debugged/,
  );
}

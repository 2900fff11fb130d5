import { describe, expect, it } from 'vitest';
import type { ResourceRef } from '#common/contract/shapes';
import { firstOf, openSandbox, openTestHost, type TestHost } from '#test/harness/host';
import { findKubectl, runKubectl } from '#test/harness/kubectl';

const manifest = `
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: default, labels: { app: web } }
data: { mode: fast }
---
apiVersion: v1
kind: Secret
metadata: { name: keys, namespace: default }
stringData: { token: hidden }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec:
  type: NodePort
  selector: { app: web }
  ports: [{ name: http, port: 80, targetPort: http }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: nginx
          image: nginx:1.27
          ports: [{ name: http, containerPort: 80 }]
          env:
            - { name: MODE, valueFrom: { configMapKeyRef: { name: settings, key: mode } } }
          resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { memory: 128Mi } }
          volumeMounts: [{ name: settings, mountPath: /etc/settings }]
      volumes: [{ name: settings, configMap: { name: settings } }]
`;

const ref = (plural: string, kind: string, over: Partial<ResourceRef> = {}): ResourceRef => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced: true,
  ...over,
});
const Pods = ref('pods', 'Pod');
const cases: [ResourceRef, string?][] = [
  [Pods],
  [ref('deployments', 'Deployment', { group: 'apps' })],
  [ref('replicasets', 'ReplicaSet', { group: 'apps' })],
  [ref('services', 'Service')],
  [ref('configmaps', 'ConfigMap'), 'settings'],
  [ref('secrets', 'Secret'), 'keys'],
  [ref('namespaces', 'Namespace', { namespaced: false }), 'default'],
  [ref('nodes', 'Node', { namespaced: false })],
];

/** Ages and heartbeats move on between two answers. */
function still(text: string): string[] {
  return text
    .replaceAll(/\b\d+[smhd](\d+[smh])?(?=\s| \()/g, 'AGE')
    .replaceAll(/\(x\d+ over [^)]*\)/g, '(xN over AGE)')
    .replaceAll(/(RenewTime:\s+).*/g, '$1NOW')
    .replaceAll(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, 'DATE')
    .replaceAll(/ +/g, ' ')
    .trimEnd()
    .split('\n');
}

async function nameOf({ api, cluster }: TestHost, resource: ResourceRef): Promise<string> {
  const request = { cluster, resource, namespaces: ['default'], filter: '', sort: [], window: { first: 0, count: 9 } };
  const { rows } = await firstOf(api.tables.view(request), (batch) => batch.rows.length > 0);
  return rows.find(({ name }) => name.startsWith('web'))?.name ?? rows[0]?.name ?? '';
}

(openSandbox && findKubectl() ? describe : describe.skip)('describe beside kubectl', () => {
  it('writes what kubectl writes for the same objects', async () => {
    await using host = await openTestHost();
    const { api, cluster, kubeconfig } = host;
    expect((await api.objects.apply({ cluster, yaml: manifest })).map(({ outcome }) => outcome)).toEqual(
      Array(4).fill('created'),
    );
    const deployment = {
      cluster,
      resource: ref('deployments', 'Deployment', { group: 'apps' }),
      namespace: 'default',
      name: 'web',
    };
    await firstOf(api.objects.watch(deployment), ({ status }) => status?.word === 'Available');
    for (const [resource, fixed] of cases) {
      const name = fixed ?? (await nameOf(host, resource));
      const where = resource.namespaced ? { namespace: 'default' } : {};
      const kind = resource.group ? `${resource.plural}.${resource.group}` : resource.plural;
      const scope = resource.namespaced ? ['-n', 'default'] : [];
      const { out } = await runKubectl(['describe', kind, name, ...scope], { kubeconfig });
      const ours = await api.objects.describe({ cluster, resource, ...where, name });
      expect(still(ours), `${kind} ${name}`).toEqual(still(out));
    }
  });
});

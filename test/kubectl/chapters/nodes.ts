import { quietly, unordered, type Chapter } from './chapter';

const pods = (name: string, more: string, spec = ''): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name} }${more} }
spec:
  nodeName: node-2
  terminationGracePeriodSeconds: 1
  containers: [{ name: main, image: 'nginx:1.27' }]
${spec}`;

/** cordon, drain and taint; Pods stand on a node that they name. */
export const nodes: Chapter = {
  name: 'nodes',
  alone: true,
  files: {
    'bare.yaml': pods('bare', ''),
    'empty.yaml': pods('empty', '', '  volumes: [{ name: scratch, emptyDir: {} }]\n'),
    'web.yaml': `apiVersion: apps/v1
kind: ReplicaSet
metadata: { name: web }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      nodeSelector: { kubernetes.io/hostname: node-2 }
      containers: [{ name: main, image: 'nginx:1.27' }]
`,
    'agent.yaml': `apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: main, image: 'nginx:1.27' }] }
`,
  },
  lines: [
    'kubectl cordon node-2',
    'kubectl cordon node-2',
    'kubectl get node node-2 -o jsonpath="{.spec.unschedulable}"',
    'kubectl get node node-2 --no-headers | sed "s/  */ /g" | cut -d" " -f1,2,3',
    'kubectl uncordon node-2',
    'kubectl uncordon node-2',
    'kubectl cordon nobody',
    'kubectl cordon -l kubernetes.io/hostname=node-1 --dry-run=client',
    'kubectl cordon node-1 --dry-run=server',
    'kubectl taint node node-2 tried=yes:NoSchedule',
    'kubectl taint node node-2 tried=no:NoSchedule',
    'kubectl taint node node-2 tried=no:NoSchedule --overwrite',
    'kubectl taint node node-2 tried=no:Odd',
    'kubectl taint node node-2 tried',
    'kubectl taint node node-2 other:NoExecute second=1:PreferNoSchedule',
    'kubectl get node node-2 -o jsonpath="{range .spec.taints[*]}{.key}={.value}:{.effect} {end}"',
    'kubectl taint node node-2 other:NoSchedule-',
    'kubectl taint node node-2 other- second:PreferNoSchedule- tried-',
    'kubectl taint node nobody a=b:NoSchedule',
    quietly('kubectl apply -f bare.yaml -f empty.yaml -f web.yaml -f agent.yaml'),
    quietly('kubectl wait --for=condition=Ready pod/bare pod/empty --timeout=60s'),
    quietly("kubectl wait --for=jsonpath='{.status.readyReplicas}'=1 replicaset/web --timeout=60s"),
    quietly("kubectl wait --for=jsonpath='{.status.numberReady}'=2 daemonset/agent --timeout=60s"),
    // The error tells them in the order of a map.
    {
      line: 'kubectl drain node-2 --timeout=10s 2>&1 | tr ";," "\\n\\n" | sed "s/agent-...../agent-RANDOM/g;s/^ //;s/web-...../web-RANDOM/"',
      isUnordered: true,
    },
    {
      line: 'kubectl drain node-2 --pod-selector=app=bare --timeout=10s 2>&1 | grep -v "^There are pending"',
      isUnordered: true,
    },
    'kubectl drain node-2 --pod-selector=app=bare --force --dry-run=client',
    'kubectl drain node-2 --pod-selector=app=bare --force --dry-run=server',
    'kubectl drain node-2 --pod-selector=app=bare --force --timeout=60s',
    'kubectl get pod bare',
    'kubectl drain node-2 --pod-selector=app=empty --force --timeout=10s',
    'kubectl drain node-2 --pod-selector=app=empty --force --delete-emptydir-data --timeout=60s --disable-eviction',
    'kubectl drain node-2 --pod-selector=app=agent --ignore-daemonsets 2>&1 | sed "s/agent-...../agent-RANDOM/"',
    quietly('kubectl uncordon node-2'),
    quietly('kubectl create pdb web --selector=app=web --min-available=1'),
    quietly("kubectl wait --for=jsonpath='{.status.currentHealthy}'=1 pdb/web --timeout=60s"),
    'kubectl drain node-2 --pod-selector=app=web --timeout=3s 2>&1 | grep -o "Cannot evict.*" | sort -u',
    'kubectl get pdb web',
    'kubectl get pdb web -o jsonpath="{.status.conditions[0].reason} {.status.disruptionsAllowed} {.status.expectedPods}"',
    'kubectl drain node-2 --pod-selector=app=web --disable-eviction --timeout=60s 2>&1 | sed "s/web-...../web-RANDOM/g"',
    quietly('kubectl uncordon node-2'),
    quietly("kubectl wait --for=jsonpath='{.status.currentHealthy}'=1 pdb/web --timeout=60s"),
    quietly('kubectl delete pdb web'),
    'kubectl drain node-2 --pod-selector=app=web --timeout=60s --grace-period=0 2>&1 | sed "s/web-...../web-RANDOM/g"',
    'kubectl drain nobody',
    'kubectl drain',
    quietly('kubectl uncordon node-2'),
    unordered('kubectl delete -f bare.yaml -f web.yaml -f agent.yaml --ignore-not-found'),
    'kubectl label node node-2 role=tried && kubectl get nodes -l role=tried -o name && kubectl label node node-2 role-',
  ],
};

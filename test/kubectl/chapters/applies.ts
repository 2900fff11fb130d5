import { quietly, unordered, type Chapter } from './chapter';

const settings = (mode: string, more = '') => `apiVersion: v1
kind: ConfigMap
metadata: { name: settings, labels: { set: one } }
data: { mode: "${mode}"${more} }
`;

const set = (...names: string[]) =>
  names
    .map((name) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, labels: { set: two } }\n`)
    .join('---\n');

const web = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 0
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: web, image: 'nginx:1.27', ports: [{ containerPort: 80 }] }
        - { name: side, image: 'busybox:1.36', env: [{ name: A, value: '1' }] }
`;

/** Names of temporary files, and their times. */
const DIFF = /^(---|\+\+\+|diff) /;

/** How what is written down becomes what is there, and what is said when it does not. */
export const applies: Chapter = {
  name: 'applies',
  files: {
    'a.yaml': settings('a'),
    'b.yaml': settings('b', ', extra: "1"'),
    'c.yaml': settings('c'),
    'two.yaml': set('first', 'second', 'third'),
    'less.yaml': set('first', 'third'),
    'web.yaml': web,
    'unknown.yaml': web.replace('replicas: 0', 'replicas: 0\n  replica: 1\n  paused: false\n  paused: true'),
    'wrong.yaml': web.replace('replicas: 0', 'replicas: many'),
    'nokind.yaml': 'apiVersion: v1\nmetadata: { name: x }\n',
    'odd.yaml': 'apiVersion: example.com/v1\nkind: Odd\nmetadata: { name: x }\n',
    'broken.yaml': 'apiVersion: v1\nkind: [\n',
    'selector.yaml': web.replaceAll('app: web', 'app: other'),
    'namespace.yaml': settings('a').replace('name: settings', 'name: settings, namespace: elsewhere'),
    'generated.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { generateName: made- }\n',
    'set.yaml':
      'apiVersion: v1\nkind: Secret\nmetadata: { name: parts, labels: { applyset.kubernetes.io/id: placeholder-todo } }\n',
    'edit-label': '#!/bin/sh\nsed -i \'s/set: one/set: edited/\' "$1"\n',
    'edit-nothing': '#!/bin/sh\nexit 0\n',
    'edit-fails': '#!/bin/sh\nexit 3\n',
    // Only the first time, so that the second ends it.
    'edit-wrong': '#!/bin/sh\n[ -e seen ] && exit 0; touch seen; sed -i "s/^kind: .*/kind: Nothing/" "$1"\n',
    'edit-immutable': '#!/bin/sh\n[ -e seen2 ] && exit 0; touch seen2; sed -i "s/app: web/app: changed/" "$1"\n',
    'edit-late':
      '#!/bin/sh\n[ -e seen3 ] && exit 0; touch seen3; kubectl label configmap settings late=yes >&2; sed -i "s/set: edited/set: late/" "$1"\n',
  },
  lines: [
    'kubectl apply -f a.yaml --dry-run=client',
    'kubectl apply -f a.yaml --dry-run=server',
    'kubectl diff -f a.yaml >/dev/null',
    'kubectl apply -f a.yaml',
    'kubectl apply -f a.yaml',
    'kubectl diff -f a.yaml',
    { line: 'kubectl diff -f b.yaml', without: DIFF },
    { line: 'kubectl diff --server-side -f b.yaml --force-conflicts', without: DIFF },
    'kubectl apply -f b.yaml -o yaml',
    'kubectl apply -f c.yaml -o jsonpath={.data}',
    'kubectl apply view-last-applied configmap settings',
    'kubectl apply set-last-applied -f b.yaml',
    'kubectl apply view-last-applied configmap/settings -o json',
    'kubectl apply edit-last-applied configmap/settings --help >/dev/null; echo $?',
    'kubectl create -f a.yaml',
    'kubectl create -f generated.yaml --dry-run=server -o name | sed s/-.*/-/',
    'kubectl apply -f generated.yaml',
    'kubectl create configmap bare && kubectl apply -f - <<E\n{apiVersion: v1, kind: ConfigMap, metadata: {name: bare}, data: {a: b}}\nE',
    'kubectl apply --server-side -f a.yaml',
    'kubectl apply --server-side -f a.yaml --force-conflicts',
    'kubectl apply --server-side -f c.yaml --field-manager=other',
    'kubectl apply --server-side -f c.yaml --field-manager=other --force-conflicts',
    'kubectl get configmap settings -o yaml --show-managed-fields',
    'kubectl apply --server-side -f c.yaml --dry-run=server',
    'kubectl apply --server-side -f c.yaml --dry-run=client',
    'kubectl apply -f c.yaml',
    'kubectl apply -f unknown.yaml',
    'kubectl apply -f unknown.yaml --validate=warn --dry-run=server',
    'kubectl apply -f unknown.yaml --validate=false --dry-run=server',
    'kubectl apply -f unknown.yaml --validate=ignore --dry-run=server',
    'kubectl apply -f wrong.yaml',
    'kubectl apply -f wrong.yaml --server-side',
    'kubectl apply -f nokind.yaml',
    'kubectl apply -f odd.yaml',
    'kubectl apply -f broken.yaml',
    'kubectl apply -f none.yaml',
    'kubectl apply -f namespace.yaml',
    'kubectl apply -f namespace.yaml -n elsewhere',
    'kubectl apply -f web.yaml',
    'kubectl apply -f selector.yaml',
    'kubectl replace -f selector.yaml',
    'kubectl replace --force -f selector.yaml',
    'kubectl get deployment web -o jsonpath={.spec.selector}',
    'kubectl replace -f web.yaml --force --grace-period=0',
    'kubectl replace -f odd.yaml',
    'kubectl create configmap gone --dry-run=client -o yaml | kubectl replace -f -',
    'kubectl apply -f two.yaml',
    'kubectl apply -f less.yaml --prune -l set=two --prune-allowlist=core/v1/ConfigMap',
    'kubectl apply -f two.yaml --prune',
    'kubectl create secret generic parts',
    'KUBECTL_APPLYSET=true kubectl apply -f two.yaml --prune --applyset=parts --server-side --force-conflicts',
    'KUBECTL_APPLYSET=true kubectl apply -f two.yaml --prune --applyset=mine',
    'KUBECTL_APPLYSET=true kubectl apply -f less.yaml --prune --applyset=mine',
    'KUBECTL_APPLYSET=true kubectl apply -f less.yaml --prune --applyset=configmap/mine -n {ns}',
    'kubectl get secret mine -o yaml',
    'kubectl get configmaps -l applyset.kubernetes.io/part-of -o name',
    'KUBE_EDITOR=./edit-label kubectl edit configmap settings',
    'KUBE_EDITOR=./edit-nothing kubectl edit configmap settings',
    { line: 'KUBE_EDITOR=./edit-fails kubectl edit configmap settings', without: /edit-fails/ },
    { line: 'KUBE_EDITOR=./edit-wrong kubectl edit configmap settings', without: /kubectl-edit/ },
    { line: 'KUBE_EDITOR=./edit-immutable kubectl edit deployment web', without: /kubectl-edit/ },
    { line: 'KUBE_EDITOR=./edit-late kubectl edit configmap settings', without: /kubectl-edit/ },
    'kubectl get configmap settings --show-labels --no-headers | sed "s/ .* / /"',
    'KUBE_EDITOR=./edit-label kubectl edit configmap nobody',
    quietly('kubectl apply -f web.yaml'),
    `kubectl patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","tty":true}]}}}}'`,
    `kubectl patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","$patch":"delete"}]}}}}' -o jsonpath='{.spec.template.spec.containers[*].name}'`,
    `kubectl patch deployment web --type=merge -p '{"spec":{"strategy":{"type":"Recreate"}}}'`,
    `kubectl patch deployment web --type=merge -p '{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}' -o jsonpath='{.spec.strategy}'`,
    `kubectl patch deployment web --type=json -p '[{"op":"replace","path":"/spec/nothing","value":1}]'`,
    `kubectl patch deployment web --type=json -p '[{"op":"test","path":"/spec/replicas","value":7}]'`,
    `kubectl patch deployment web --type=json -p '[{"op":"remove","path":"/spec/paused"}]'`,
    `kubectl patch deployment web --type=json -p '{"op":"add"}'`,
    `kubectl patch deployment web --type=json -p '[{"op":"dance","path":"/spec"}]'`,
    `kubectl patch deployment web -p 'spec: {minReadySeconds: 3}' -o jsonpath='{.spec.minReadySeconds}'`,
    `kubectl patch deployment web -p '{"spec":{"replicas":"many"}}'`,
    `kubectl patch deployment web -p '{"spec":{"replicas":-1}}'`,
    `kubectl patch deployment web -p '{}'`,
    `kubectl patch deployment web -p 'not json'`,
    `kubectl patch deployment web --type=odd -p '{}'`,
    `kubectl patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":0}}' -o yaml`,
    `kubectl patch deployment web --subresource=status --type=merge -p '{"status":{"collisionCount":2}}' -o jsonpath='{.status.collisionCount}'`,
    `kubectl patch deployment web --subresource=odd --type=merge -p '{}'`,
    `kubectl patch configmap settings --subresource=status --type=merge -p '{}'`,
    `kubectl patch configmap settings --type=merge -p '{"metadata":{"name":"other"}}'`,
    `kubectl patch configmap settings --type=merge -p '{"metadata":{"resourceVersion":"1"}}'`,
    `kubectl patch configmap settings --type=merge -p '{"metadata":{"uid":"1"}}'`,
    `kubectl patch configmap settings --type=merge -p '{"immutable":true}'`,
    `kubectl patch configmap settings --type=merge -p '{"data":{"mode":"z"}}'`,
    `kubectl patch -f a.yaml --type=merge -p '{"metadata":{"labels":{"from":"file"}}}'`,
    `kubectl patch -f a.yaml --local --type=merge -p '{"data":{"mode":"local"}}' -o jsonpath={.data.mode}`,
    `kubectl patch deployment web --dry-run=server -p '{"spec":{"replicas":9}}' -o jsonpath={.spec.replicas}`,
    'kubectl get configmap settings -o json | sed s/mode/mood/ | kubectl replace -f -',
    unordered('kubectl delete -f two.yaml -f web.yaml --ignore-not-found'),
    'kubectl delete -f web.yaml',
  ],
};

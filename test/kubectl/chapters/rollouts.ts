import { quietly, type Chapter, type SpecialLine } from './chapter';

const workload = (kind: string, name: string, more: string): string => `apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name} }
spec:
  ${more}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: main, image: 'nginx:1.27' }] }
`;

/** How many states are seen on the way is chance. */
const settled = (what: string): SpecialLine => ({
  line: `kubectl rollout status ${what} --timeout=90s`,
  without: /^Waiting|^waiting/,
});

/** rollout of the three kinds that have one. */
export const rollouts: Chapter = {
  name: 'rollouts',
  files: {
    'web.yaml': workload('Deployment', 'web', 'replicas: 2'),
    'agent.yaml': workload('DaemonSet', 'agent', 'revisionHistoryLimit: 5'),
    'db.yaml': workload('StatefulSet', 'db', 'replicas: 2\n  serviceName: db'),
    'deleted.yaml': workload('DaemonSet', 'manual', 'updateStrategy: { type: OnDelete }'),
  },
  lines: [
    'kubectl apply -f web.yaml -f agent.yaml -f db.yaml -f deleted.yaml',
    settled('deployment/web'),
    settled('daemonset/agent'),
    settled('statefulset/db'),
    'kubectl rollout status daemonset/manual',
    'kubectl rollout history deployment/web',
    'kubectl rollout history daemonset/agent',
    'kubectl rollout history statefulset/db',
    ...['deployment/web', 'daemonset/agent', 'statefulset/db'].flatMap((what) => [
      `kubectl set image ${what} main=nginx:1.28`,
      settled(what),
      quietly(`kubectl annotate ${what} kubernetes.io/change-cause=second`),
      `kubectl rollout restart ${what}`,
      settled(what),
      { line: `kubectl rollout history ${what} --revision=2`, without: /template-hash|revision-hash|restartedAt/ },
      `kubectl rollout history ${what} --revision=9`,
      `kubectl rollout undo ${what} --to-revision=1`,
      settled(what),
      `kubectl get ${what} -o jsonpath='{..image}'`,
      `kubectl rollout undo ${what} --to-revision=99`,
      { line: `kubectl rollout undo ${what} --dry-run=client`, without: /pod-template|hash|restartedAt/ },
      `kubectl rollout undo ${what} --dry-run=server`,
      `kubectl rollout undo ${what}`,
      settled(what),
      `kubectl rollout history ${what} | sed "s/ .*//"`,
      `kubectl rollout pause ${what}`,
      `kubectl rollout pause ${what}`,
      `kubectl rollout restart ${what}`,
      `kubectl rollout undo ${what}`,
      `kubectl rollout resume ${what}`,
      `kubectl rollout resume ${what}`,
    ]),
    'kubectl rollout status deployment/web --revision=77 --timeout=5s',
    'kubectl rollout status deployment/nobody',
    'kubectl rollout status configmap/kube-root-ca.crt',
    'kubectl rollout restart configmap/kube-root-ca.crt',
    'kubectl rollout history pod/x',
    'kubectl rollout undo deployment/nobody',
    'kubectl rollout restart deployment -l app=none',
    settled('statefulset/db'),
    `kubectl patch statefulset db -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":1}}}}'`,
    'kubectl set image statefulset/db main=nginx:1.30',
    settled('statefulset/db'),
    'kubectl get pods -l app=db -o jsonpath="{.items[*].spec.containers[0].image}"',
    'kubectl scale statefulset db --replicas=3',
    settled('statefulset/db'),
    'kubectl get pods -l app=db -o name',
    'kubectl scale statefulset db --replicas=1',
    quietly('kubectl wait --for=delete pod/db-1 pod/db-2 --timeout=60s'),
    'kubectl get statefulset db',
    'kubectl get daemonset agent -o wide',
    'kubectl get controllerrevisions -o custom-columns=R:.revision,O:.metadata.ownerReferences[0].name --sort-by=.revision --no-headers | sort | uniq -c | head -20',
    'kubectl delete statefulset db --cascade=orphan',
    'kubectl get pod db-0 -o jsonpath="{.metadata.ownerReferences}"',
    'kubectl delete -f web.yaml -f agent.yaml -f deleted.yaml --wait=false',
    'kubectl delete pod db-0 --now',
  ],
};

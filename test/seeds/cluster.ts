import { findHelm } from './helm';
import type { Seed } from './seed';

/** Rows 15, 18, 19, 22, 23, 24, 28 and 31: storage, placement, bounds, extension, history, logs and numbers. */
export const cluster: readonly Seed[] = [
  {
    row: 15,
    title: 'PersistentVolume, claim and class; reclaim policies; expansion',
    rate: 5,
    steps: [
      { run: 'kubectl get storageclass', shows: [/standard \(default\)/, /ceph-rbd/] },
      { run: 'kubectl apply -f storage.yaml', shows: [/persistentvolume\/disk created/, /pod\/writer created/] },
      { run: 'kubectl get pvc by-hand', shows: /Bound +disk/, until: true },
      { run: 'kubectl get pvc block', shows: /Bound +pvc-/, until: true },
      { run: 'kubectl wait --for=condition=Ready pod/writer --timeout=60s', shows: /condition met/ },
      { run: 'kubectl exec writer -- sh -c "echo kept > /data/file"' },
      { run: 'kubectl delete pod writer --grace-period=1', shows: /deleted/ },
      { run: 'kubectl apply -f storage.yaml', shows: /pod\/writer created/ },
      { run: 'kubectl wait --for=condition=Ready pod/writer --timeout=60s', shows: /condition met/ },
      { run: 'kubectl exec writer -- cat /data/file', shows: /kept/ },
      { run: 'kubectl exec writer -- df -h /data', shows: /rbd\d+ +976\.0M .* \/data/ },
      {
        say: 'A claim grows when its class lets it: first the volume, then, where the Pod runs, the file system on it.',
        run: `kubectl patch pvc block -p '{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}'`,
        shows: /patched/,
      },
      { run: 'kubectl get pvc block', shows: /Bound +pvc-\S+ +2Gi/, until: true },
      {
        run: 'kubectl describe pvc block',
        shows: [
          /ExternalExpanding .*waiting for an external controller to expand this PVC/,
          /Resizing .*External resizer is resizing volume pvc-/,
          /FileSystemResizeRequired .*Require file system resize of volume on node/,
          /FileSystemResizeSuccessful .*MountVolume.NodeExpandVolume succeeded for volume "pvc-/,
        ],
        until: true,
      },
      { run: 'kubectl exec writer -- df -h /data', shows: /rbd\d+ +1\.9G .* \/data/ },
      {
        say: 'It does not become smaller, and a claim of a class that does not allow it does not grow.',
        run: `kubectl patch pvc block -p '{"spec":{"resources":{"requests":{"storage":"1Gi"}}}}'`,
        shows: /spec\.resources\.requests\.storage: Forbidden: field can not be less than status\.capacity/,
        fails: true,
      },
      {
        run: `kubectl patch pvc by-hand -p '{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}'`,
        shows:
          /only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize/,
        fails: true,
      },
      { run: 'kubectl delete pvc by-hand', shows: /deleted/ },
      { run: 'kubectl get pv disk', shows: /Retain +Released/, until: true },
    ],
  },
  {
    row: 18,
    title: 'Scheduler: requests, taints, affinity, spread, priority and preemption',
    nodes: 3,
    rate: 5,
    steps: [
      { run: 'kubectl label node node-2 disk=ssd', shows: /labeled/ },
      { run: 'kubectl taint node node-3 only=me:NoSchedule', shows: /tainted/ },
      { run: 'kubectl apply -f scheduling.yaml', shows: /created/ },
      { run: 'kubectl get pod on-ssd -o wide', shows: /Running .* node-2/, until: true },
      { run: 'kubectl get pod tolerant -o wide', shows: /Running .* node-3/, until: true },
      {
        run: 'kubectl describe pod nowhere',
        shows: /0\/3 nodes are available: .*didn't match Pod's node affinity\/selector/,
        until: true,
      },
      { run: 'kubectl describe pod greedy', shows: /Insufficient cpu/, until: true },
      { run: 'kubectl get pod filler', shows: /Running/, until: true },
      { run: 'kubectl apply -f preemptor.yaml', shows: /created/ },
      { run: 'kubectl get pod preemptor', shows: /Running/, until: true },
      { run: 'kubectl get events --field-selector reason=Preempted', shows: /Preempted by/ },
    ],
  },
  {
    row: 19,
    title: 'LimitRange, ResourceQuota, QoS and disruption budgets',
    nodes: 3,
    rate: 5,
    steps: [
      { run: 'kubectl create namespace team', shows: /created/ },
      { run: 'kubectl apply -f bounds.yaml', shows: [/limitrange\/defaults created/, /resourcequota\/quota created/] },
      { run: 'kubectl -n team run one --image=nginx', shows: /created/ },
      {
        run: 'kubectl -n team get pod one -o jsonpath={.spec.containers[0].resources.requests.cpu},{.status.qosClass}',
        shows: /100m,Burstable/,
      },
      {
        run: `kubectl -n team run huge --image=nginx --overrides='{"spec":{"containers":[{"name":"huge","image":"nginx","resources":{"requests":{"cpu":"5"},"limits":{"cpu":"5"}}}]}}'`,
        shows: /maximum cpu usage per Container|exceeded quota/,
        fails: true,
      },
      { run: 'kubectl -n team describe quota quota', shows: /requests\.cpu +100m +1/, until: true },
      { run: 'kubectl create deployment web --image=nginx --replicas=2', shows: /created/ },
      { run: 'kubectl rollout status deployment/web', shows: /successfully rolled out/ },
      { run: 'kubectl create poddisruptionbudget web --selector=app=web --min-available=2', shows: /created/ },
      { run: 'kubectl get pdb web', shows: /web +2 +N\/A +0/, until: true },
      {
        run: 'kubectl drain $(kubectl get pods -l app=web -o jsonpath={.items[0].spec.nodeName}) --ignore-daemonsets --delete-emptydir-data --force --timeout=4s',
        shows: /Cannot evict pod as it would violate the pod's disruption budget/,
        fails: true,
      },
    ],
  },
  {
    row: 22,
    title: 'CustomResourceDefinition: schema, defaults, rules, columns, status and scale',
    steps: [
      { run: 'kubectl apply -f crontab-crd.yaml', shows: /created/ },
      {
        run: 'kubectl wait --for=condition=Established crd/crontabs.stable.example.com --timeout=30s',
        shows: /condition met/,
      },
      { run: 'kubectl apply -f crontab.yaml', shows: /created/ },
      { run: 'kubectl get crontabs', shows: /NAME +SPEC +REPLICAS[\s\S]*nightly +0 0 \* \* \* +1/ },
      {
        run: `kubectl patch crontab nightly --type=merge -p '{"spec":{"replicas":99}}'`,
        shows: /should be less than or equal to 10/,
        fails: true,
      },
      { run: 'kubectl scale crontab nightly --replicas=3', shows: /scaled/ },
      { run: 'kubectl get crontab nightly -o jsonpath={.spec.replicas}', shows: /^3$/ },
      { run: 'kubectl explain crontab.spec.cronSpec', shows: /When it runs/ },
    ],
  },
  {
    row: 23,
    title: 'Helm: install, upgrade, roll back, list',
    skip: () => (findHelm() ? undefined : 'helm is not installed, and `npm run clients` has built none'),
    rate: 5,
    steps: [
      { run: 'helm install web chart', shows: /STATUS: deployed/ },
      { run: 'helm list', shows: /web\s+default\s+1/ },
      { run: 'kubectl rollout status deployment/web', shows: /successfully rolled out/ },
      { run: 'helm upgrade web chart --set replicas=2', shows: /REVISION: 2/ },
      { run: 'helm history web', shows: [/^1\s.*superseded/m, /^2\s.*deployed/m] },
      { run: 'kubectl get deployment web', shows: /2\/2/, until: true },
      { run: 'helm rollback web 1', shows: /Rollback was a success/ },
      { run: 'kubectl get deployment web', shows: /1\/1/, until: true },
      { run: 'helm uninstall web', shows: /uninstalled/ },
    ],
  },
  {
    row: 24,
    title: 'Watch and revisions',
    steps: [
      { run: 'kubectl create configmap one --from-literal=a=1', shows: /created/ },
      {
        run: `(sleep 1; kubectl patch configmap one -p '{"data":{"a":"2"}}' >/dev/null) & kubectl get --raw '/api/v1/namespaces/default/configmaps?watch=true&fieldSelector=metadata.name%3Done&timeoutSeconds=3'`,
        shows: [/"type":"ADDED"/, /"type":"MODIFIED"/],
      },
      {
        run: `kubectl get --raw '/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=1&timeoutSeconds=1'`,
        shows: /"code":410|too old resource version|"type":"/,
      },
    ],
  },
  {
    row: 28,
    title: 'Logs: of all containers, of before, followed, by label',
    rate: 5,
    steps: [
      { run: 'kubectl apply -f logs.yaml', shows: /created/ },
      { run: 'kubectl wait --for=condition=Ready pod/talker --timeout=60s', shows: /condition met/ },
      { run: 'kubectl logs talker -c one --tail=1', shows: /one \d+/, until: true },
      {
        run: 'kubectl logs talker --all-containers --prefix --tail=1',
        shows: [/\[pod\/talker\/one\]/, /\[pod\/talker\/two\]/],
      },
      { run: 'kubectl logs talker -c one --since=30s --timestamps --tail=2', shows: /^\d{4}-\d\d-\d\dT\S+Z one/m },
      { run: 'timeout 2 kubectl logs -f talker -c two', shows: /two 1/, fails: true },
      { run: 'kubectl exec talker -c one -- tail -n 1 /var/log/shared/out.log', shows: /one/ },
      { run: 'kubectl get pod brief', shows: /[1-9] \(|CrashLoopBackOff/, until: true },
      { run: 'kubectl logs brief --previous', shows: /short life/ },
    ],
  },
  {
    row: 31,
    title: 'Prometheus and Grafana: numbers of the API server and of kubelets',
    rate: 10,
    steps: [
      {
        run: 'kubectl get --raw /metrics | grep apiserver_request_total | head -n 8',
        shows: /apiserver_request_total\{/,
      },
      {
        run: 'kubectl get --raw /api/v1/nodes/node-2/proxy/metrics/cadvisor | grep container_cpu_usage_seconds_total',
        shows: /container_cpu_usage_seconds_total\{/,
        until: true,
      },
      {
        run: 'kubectl get --raw /api/v1/nodes/node-2/proxy/metrics | grep kubelet_running',
        shows: /^kubelet_running_pods \d/m,
      },
      {
        run: 'kubectl get --raw /apis/metrics.k8s.io/v1beta1/nodes',
        shows: /"name":"node-2"[^}]*\}[\s\S]*?"usage":\{"cpu":"\d/,
        until: true,
      },
      { run: 'kubectl run prometheus --image=prom/prometheus', shows: /created/ },
      { run: 'kubectl run grafana --image=grafana/grafana', shows: /created/ },
      { run: 'kubectl wait --for=condition=Ready pod/prometheus pod/grafana --timeout=60s', shows: /condition met/ },
      {
        run: 'kubectl get --raw /api/v1/namespaces/default/pods/prometheus:9090/proxy/-/ready',
        shows: /Ready/,
        until: true,
      },
      {
        run: 'kubectl get --raw /api/v1/namespaces/default/pods/grafana:3000/proxy/api/health',
        shows: /ok/,
        until: true,
      },
    ],
  },
];

import type { Seed } from './seed';

const onNode = (node: string, command: string): string => `kubectl exec shell-${node} -- chroot /host ${command}`;

/** Rows 5, 25, 26 and 33: machines, and what happens to those who live on them. */
export const nodes: readonly Seed[] = [
  {
    row: 5,
    title: 'Nodes: cordon, drain, reboot, bootstrap tokens and certificate requests',
    nodes: 3,
    rate: 5,
    steps: [
      { run: 'kubectl get nodes', shows: [/node-1 +Ready/, /node-2 +Ready/, /node-3 +Ready/] },
      { run: 'kubectl create deployment web --image=nginx --replicas=4', shows: /created/ },
      { run: 'kubectl rollout status deployment/web', shows: /successfully rolled out/ },
      { run: 'kubectl cordon node-2', shows: /cordoned/ },
      { run: 'kubectl get node node-2', shows: /Ready,SchedulingDisabled/ },
      { run: 'kubectl drain node-2 --ignore-daemonsets --delete-emptydir-data --force', shows: /drained/ },
      { run: 'kubectl get pods -l app=web -o wide', hides: /node-2/, until: true },
      { run: 'kubectl uncordon node-2', shows: /uncordoned/ },
      { run: 'kubectl apply -f node-shells.yaml', shows: /created/ },
      { run: 'kubectl wait --for=condition=Ready pod/shell-node-3 --timeout=60s', shows: /condition met/ },
      {
        say: 'A machine is rebooted from its own shell: its Pods come back, each restarted once.',
        run: `${onNode('node-3', 'reboot')} 2>/dev/null || true`,
      },
      {
        run: 'kubectl get events --field-selector reason=Rebooted',
        shows: /Node node-3 has been rebooted/,
        until: true,
      },
      { run: 'kubectl get pod shell-node-3', shows: /1\/1 +Running +1/, until: true },
      { run: 'kubectl describe pod shell-node-3', shows: [/Reason: +Unknown/, /Exit Code: +255/, /SandboxChanged/] },
      { run: 'kubectl apply -f bootstrap-token.yaml', shows: /created/ },
      { run: 'kubectl get secrets -n kube-system', shows: /bootstrap\.kubernetes\.io\/token/ },
    ],
  },
  {
    row: 25,
    title: 'Node troubleshooting: a kubelet that is down',
    nodes: 3,
    rate: 20,
    steps: [
      { run: 'kubectl apply -f node-shells.yaml', shows: /created/ },
      {
        run: 'kubectl wait --for=condition=Ready pod/shell-node-2 pod/shell-node-3 --timeout=60s',
        shows: /condition met/,
      },
      { run: 'kubectl create deployment web --image=nginx --replicas=4', shows: /created/ },
      { run: 'kubectl rollout status deployment/web', shows: /successfully rolled out/ },
      { run: onNode('node-2', 'systemctl status kubelet'), shows: /active \(running\)/ },
      { run: onNode('node-2', 'ssh node-3 systemctl stop kubelet') },
      { run: 'kubectl get node node-3', shows: /NotReady/, until: true },
      { run: 'kubectl describe node node-3', shows: [/NodeStatusUnknown/, /Kubelet stopped posting node status/] },
      {
        run: 'kubectl get node node-3 -o jsonpath={.spec.taints[*].key}',
        shows: /node\.kubernetes\.io\/unreachable/,
        until: true,
      },
      {
        say: 'Nobody answers at the port of the kubelet.',
        run: 'kubectl exec shell-node-3 -- true',
        shows: /dial tcp \S+:10250: connect: connection refused/,
        fails: true,
      },
      {
        say: 'After five minutes its Pods are given up; they stay Terminating until the kubelet is back.',
        run: 'kubectl get pods -l app=web -o wide',
        shows: /Terminating .* node-3/,
        until: true,
      },
      { run: 'kubectl get deployment web', shows: /4\/4/, until: true },
      { run: onNode('node-2', 'ssh node-3 systemctl start kubelet') },
      { run: 'kubectl get node node-3', shows: / Ready/, until: true },
      { run: 'kubectl get pods -l app=web', hides: /Terminating/, until: true },
    ],
  },
  {
    row: 26,
    title: 'Failures: a worker without power, a runtime that lost its containers',
    nodes: 3,
    rate: 20,
    steps: [
      { run: 'kubectl apply -f node-shells.yaml', shows: /created/ },
      {
        run: 'kubectl wait --for=condition=Ready pod/shell-node-2 pod/shell-node-3 --timeout=60s',
        shows: /condition met/,
      },
      { run: 'kubectl run lonely --image=nginx --overrides=\'{"spec":{"nodeName":"node-3"}}\'', shows: /created/ },
      { run: 'kubectl wait --for=condition=Ready pod/lonely --timeout=60s', shows: /condition met/ },
      { run: onNode('node-2', 'ipmitool -H node-3 chassis power off'), shows: /Down\/Off/ },
      { run: 'kubectl get node node-3', shows: /NotReady/, until: true },
      { run: 'kubectl delete pod lonely --wait=false', shows: /deleted/ },
      { run: 'kubectl get pod lonely', shows: /Terminating/, until: true },
      { run: 'kubectl delete pod lonely --force --grace-period=0', shows: /force deleted/ },
      { run: onNode('node-2', 'ssh node-3 uptime'), shows: /No route to host/, fails: true },
      { run: onNode('node-2', 'ipmitool -H node-3 chassis power on'), shows: /Up\/On/ },
      { run: 'kubectl get node node-3', shows: / Ready/, until: true },
      {
        say: 'A runtime that has lost its containers while the kubelet was down.',
        run: onNode('node-2', 'ssh node-3 systemctl stop kubelet'),
      },
      { run: onNode('node-2', 'ssh node-3 crictl rm -fa') },
      { run: onNode('node-2', 'ssh node-3 systemctl start kubelet') },
      {
        run: 'kubectl describe pod shell-node-3',
        shows: [/Reason: +ContainerStatusUnknown/, /Exit Code: +137/],
        until: true,
      },
    ],
  },
  {
    row: 33,
    title: 'kubectl debug: ephemeral containers, copies and node shells',
    rate: 5,
    steps: [
      { run: 'kubectl run app --image=registry.k8s.io/pause:3.10', shows: /created/ },
      { run: 'kubectl wait --for=condition=Ready pod/app --timeout=60s', shows: /condition met/ },
      { run: 'kubectl exec app -- sh -c true', shows: /executable file not found in \$PATH/, fails: true },
      {
        run: 'kubectl debug app --image=busybox --target=app -c look -- sleep 3600',
        shows: /Targeting container "app"/,
      },
      {
        run: 'kubectl get pod app -o jsonpath={.status.ephemeralContainerStatuses[0].state}',
        shows: /running/,
        until: true,
      },
      { run: 'kubectl exec app -c look -- hostname', shows: /^app$/m },
      { run: 'kubectl debug app --copy-to=app-copy --image=busybox -c look -- sleep 3600' },
      { run: 'kubectl wait --for=condition=Ready pod/app-copy --timeout=60s', shows: /condition met/ },
      {
        run: 'kubectl debug node/node-2 --image=busybox -- chroot /host systemctl is-active kubelet',
        shows: /Creating debugging pod/,
      },
      { run: 'kubectl logs $(kubectl get pods -o name | grep node-debugger)', shows: /^active/m, until: true },
    ],
  },
];

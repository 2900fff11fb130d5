import type { Pod } from '#common/kube/types';

/** A Pod whose only container ends with exit code 1 and waits for its next start; for tests. */
export function crashingPod(): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'checkout-5f4b8d7c6-hx2lm',
      namespace: 'shop',
      uid: 'u1',
      resourceVersion: '1',
      creationTimestamp: '2026-11-20T09:29:02Z',
    },
    spec: {
      nodeName: 'node-2',
      containers: [
        {
          name: 'checkout',
          image: 'registry.shop.example/checkout:2.8.0',
          ports: [{ containerPort: 8080, name: 'http' }],
          livenessProbe: { httpGet: { port: 8080, path: '/healthz' }, periodSeconds: 5 },
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m' } },
          envFrom: [{ configMapRef: { name: 'checkout-env' } }],
          env: [
            { name: 'MODE', value: 'live' },
            { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'checkout-tls', key: 'token' } } },
            { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          ],
        },
      ],
    },
    status: {
      phase: 'Running',
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-11-20T09:29:02Z' }],
      containerStatuses: [
        {
          name: 'checkout',
          ready: false,
          restartCount: 6,
          image: 'registry.shop.example/checkout:2.8.0',
          imageID: '',
          state: {
            waiting: {
              reason: 'CrashLoopBackOff',
              message: 'back-off 2m40s restarting failed container=checkout pod=checkout-5f4b8d7c6-hx2lm_shop(u1)',
            },
          },
          lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt: '2026-11-20T09:41:13Z' } },
        },
      ],
    },
  };
}

import type { Seed } from './seed';

/** Where Pods reach the API server; the sandbox's network answers there. */
const SERVER_ADDRESS = '172.18.0.2';
const SERVER_PORT = 6443;

const name = 'kubernetes';
const namespace = 'default';

/** The Service through which Pods find the API server. */
export function kubernetesService(clusterIP: string): { service: Seed; endpoints: Seed; endpointSlice: Seed } {
  return {
    service: {
      metadata: { name, namespace, labels: { component: 'apiserver', provider: 'kubernetes' } } as Seed['metadata'],
      spec: {
        clusterIP,
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: SERVER_PORT }],
      },
    },
    endpoints: {
      metadata: { name, namespace, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } } as Seed['metadata'],
      subsets: [
        { addresses: [{ ip: SERVER_ADDRESS }], ports: [{ name: 'https', port: SERVER_PORT, protocol: 'TCP' }] },
      ],
    },
    endpointSlice: {
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } } as Seed['metadata'],
      addressType: 'IPv4',
      endpoints: [{ addresses: [SERVER_ADDRESS], conditions: { ready: true } }],
      ports: [{ name: 'https', port: SERVER_PORT, protocol: 'TCP' }],
    },
  };
}

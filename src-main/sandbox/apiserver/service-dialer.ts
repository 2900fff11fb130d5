/** Finds the way to a Service as kube-apiserver does: by what the Service says, before anybody connects. */
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Service } from '#common/kube/types';
import type { ServiceDialer } from '#main/sandbox/webhooks/webhook-client';

export interface ServiceRoutes {
  service(namespace: string, name: string): Service | undefined;
  /** Connects to what is behind a cluster address; nothing is without it. */
  network: ServiceDialer | undefined;
}

/** Rejects with the words of the server's resolver. */
export function serviceDialer({ service, network }: ServiceRoutes): ServiceDialer {
  return {
    async dial({ namespace, name, port }, signal) {
      const found = service(namespace, name);
      if (!found) throw new Error(`service ${JSON.stringify(name)} not found`);
      const { type = 'ClusterIP', clusterIP, externalName = '', ports = [] } = found.spec ?? {};
      if (type === 'ExternalName') return outside(externalName, port, signal);
      if (clusterIP === 'None') throw new Error('cannot route to service with ClusterIP "None"');
      if (!ports.some((one) => one.port === port))
        throw new Error(`no service port ${port} found for service ${JSON.stringify(name)}`);
      if (!network) throw new Error(`dial tcp ${clusterIP}:${port}: connect: no route to host`);
      return network.dial({ namespace, name, port }, signal);
    },
  };
}

function outside(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal }, () => resolve(socket));
    socket.once('error', reject);
  });
}

import { Services } from '#common/kube/resources';
import type { ServiceDialer } from '#main/sandbox/webhooks/webhook-client';
import type { AdmissionCluster } from '../plugin';

/** Reaches the Services that there are; without `dialer` nobody answers behind them. */
export function routedBy(cluster: AdmissionCluster, dialer: ServiceDialer | undefined): ServiceDialer {
  return {
    async dial(place, signal) {
      const { namespace, name, port } = place;
      const service = cluster.get(Services, `${namespace}/${name}`);
      if (!service) throw new Error(`service ${JSON.stringify(name)} not found`);
      if (!service.spec.ports?.some((one) => one.port === port))
        throw new Error(`no service port ${port} found for service ${JSON.stringify(name)}`);
      if (dialer) return dialer.dial(place, signal);
      throw new Error(`dial tcp ${service.spec.clusterIP}:${port}: connect: connection refused`);
    },
  };
}

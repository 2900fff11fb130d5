import { Services } from '#common/kube/resources';
import type { Service, ServiceSpec } from '#common/kube/types';
import { ipWarnings } from '../ip-rules';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsLabel } from '../names';
import { defineStrategy, gathered, type Strategy } from '../strategy';
import type { ServiceAddresses } from './service-addresses';
import { allocateChanged, allocateNew } from './service-allocation';
import { checkService, checkServiceChange, checkServiceStatus, HEADLESS, serviceWarnings } from './service-rules';

export function serviceStrategy(addresses: ServiceAddresses): Strategy {
  return defineStrategy<Service>({
    resource: Services,
    names: dnsLabel,
    prepareForCreate(draft, context) {
      draft.status = { loadBalancer: {} };
      allocateNew(draft.spec, { addresses, context, name: draft.metadata.name });
    },
    checks: {
      create(service, into) {
        checkMetadata(service.metadata, dnsLabel, into);
        checkService(service, undefined, into);
      },
      update(next, current, into) {
        checkMetadataUpdate(next.metadata, current.metadata, into);
        checkServiceChange(next.spec, current.spec, into);
        checkService(next, current, into);
      },
    },
    update: {
      complete(next, current, context) {
        next.spec = { ...next.spec };
        allocateChanged(next.spec, current.spec, { addresses, context, name: next.metadata.name });
        if (next.spec.type !== 'LoadBalancer') next.status = { ...next.status, loadBalancer: {} };
      },
    },
    subresources: {
      status: {
        // Controllers of load balancers may write nothing else, and keep their finalizers here.
        takesMetadata: true,
        validate: gathered(checkServiceStatus),
        warnings: ({ status }) =>
          (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }, at) =>
            ipWarnings(`status.loadBalancer.ingress[${at}]`, ip),
          ),
      },
    },
    warnings: serviceWarnings,
    selectableFields: ({ spec }) => ({ 'spec.clusterIP': spec.clusterIP ?? '', 'spec.type': spec.type ?? '' }),
    afterCreate: ({ spec }) => addresses.hold(ipsOf(spec), portsOf(spec)),
    afterUpdate({ spec: next }, { spec: current }) {
      addresses.release(ipsOf(current), portsOf(current));
      addresses.hold(ipsOf(next), portsOf(next));
    },
    afterDelete: ({ spec }) => addresses.release(ipsOf(spec), portsOf(spec)),
  });
}

const ipsOf = ({ clusterIPs = [] }: ServiceSpec): string[] => clusterIPs.filter((ip) => ip !== HEADLESS);

function portsOf({ ports = [], healthCheckNodePort }: ServiceSpec): number[] {
  const held = ports.flatMap(({ nodePort }) => nodePort ?? []);
  return healthCheckNodePort ? [...held, healthCheckNodePort] : held;
}

/** networking.k8s.io/v1. */
import type { IngressClass, NetworkPolicy, NetworkPolicyPort } from '#common/kube/types';
import { rule, type PackageDefaults } from './rule';

export const networkingDefaults: PackageDefaults = {
  prefix: 'io.k8s.api.networking.v1.',
  rules: {
    IngressClass: rule<IngressClass>(({ spec }) => {
      if (spec?.parameters) spec.parameters.scope ??= 'Cluster';
    }),
    NetworkPolicy: rule<NetworkPolicy>(({ spec }) => {
      if (!spec || spec.policyTypes?.length) return;
      spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
    }),
    NetworkPolicyPort: rule<NetworkPolicyPort>((port) => {
      port.protocol ??= 'TCP';
    }),
  },
};

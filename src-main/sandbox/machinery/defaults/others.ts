/** Packages with a rule or two: authentication, discovery, flowcontrol, resource, scheduling. */
import type {
  DeviceSubRequest,
  DiscoveryV1EndpointPort,
  ExactDeviceRequest,
  ExemptPriorityLevelConfiguration,
  FlowSchemaSpec,
  LimitedPriorityLevelConfiguration,
  PriorityClass,
  QueuingConfiguration,
  TokenRequestSpec,
} from '#common/kube/types';
import { rule, type PackageDefaults } from './rule';

export const authenticationDefaults: PackageDefaults = {
  prefix: 'io.k8s.api.authentication.v1.',
  rules: {
    TokenRequestSpec: rule<TokenRequestSpec>((spec) => {
      spec.expirationSeconds ??= 3600;
    }),
  },
};

export const discoveryDefaults: PackageDefaults = {
  prefix: 'io.k8s.api.discovery.v1.',
  rules: {
    EndpointPort: rule<DiscoveryV1EndpointPort>((port) => {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }),
  },
};

export const flowcontrolDefaults: PackageDefaults = {
  prefix: 'io.k8s.api.flowcontrol.v1.',
  rules: {
    FlowSchemaSpec: rule<FlowSchemaSpec>((spec) => {
      spec.matchingPrecedence ||= 1000;
    }),
    ExemptPriorityLevelConfiguration: rule<ExemptPriorityLevelConfiguration>((level) => {
      level.nominalConcurrencyShares ??= 0;
      level.lendablePercent ??= 0;
    }),
    LimitedPriorityLevelConfiguration: rule<LimitedPriorityLevelConfiguration>((level) => {
      level.nominalConcurrencyShares ??= 30;
      level.lendablePercent ??= 0;
    }),
    QueuingConfiguration: rule<QueuingConfiguration>((queuing) => {
      queuing.handSize ||= 8;
      queuing.queues ||= 64;
      queuing.queueLengthLimit ||= 50;
    }),
  },
};

export const resourceDefaults: PackageDefaults = {
  prefix: 'io.k8s.api.resource.v1.',
  rules: { DeviceSubRequest: rule(defaultAllocation), ExactDeviceRequest: rule(defaultAllocation) },
};

function defaultAllocation(request: ExactDeviceRequest | DeviceSubRequest): void {
  request.allocationMode ||= 'ExactCount';
  if (request.allocationMode === 'ExactCount') request.count ||= 1;
}

export const schedulingDefaults: PackageDefaults = {
  prefix: 'io.k8s.api.scheduling.v1.',
  rules: {
    PriorityClass: rule<PriorityClass>((priorityClass) => {
      priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
    }),
  },
};

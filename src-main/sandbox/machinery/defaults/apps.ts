/** apps/v1. */
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet, StatefulSetSpec } from '#common/kube/types';
import { rule, type PackageDefaults } from './rule';

export const appsDefaults: PackageDefaults = {
  prefix: 'io.k8s.api.apps.v1.',
  rules: {
    DaemonSet: rule<DaemonSet>(defaultDaemonSet),
    Deployment: rule<Deployment>(defaultDeployment),
    ReplicaSet: rule<ReplicaSet>(({ spec }) => {
      spec.replicas ??= 1;
    }),
    StatefulSet: rule<StatefulSet>(defaultStatefulSet),
  },
};

function defaultDeployment({ spec }: Deployment): void {
  spec.replicas ??= 1;
  spec.strategy ??= {};
  spec.strategy.type ||= 'RollingUpdate';
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {};
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
    spec.strategy.rollingUpdate.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
}

function defaultDaemonSet({ spec }: DaemonSet): void {
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ||= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
}

function defaultStatefulSet({ spec }: StatefulSet): void {
  spec.podManagementPolicy ||= 'OrderedReady';
  defaultUpdateStrategy(spec);
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain';
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion ||= 'v1';
    claim.kind ||= 'PersistentVolumeClaim';
  }
}

/** A strategy that names its type and nothing else keeps its settings unset. */
function defaultUpdateStrategy(spec: StatefulSetSpec): void {
  spec.updateStrategy ??= {};
  if (!spec.updateStrategy.type) {
    spec.updateStrategy.type = 'RollingUpdate';
    spec.updateStrategy.rollingUpdate ??= {};
  }
  const { type, rollingUpdate } = spec.updateStrategy;
  if (type === 'RollingUpdate' && rollingUpdate) rollingUpdate.partition ??= 0;
}

import { certificateApproval, certificateSigning, certificateSubjectRestriction, type MayUser } from './certificates';
import { persistentVolumeClaimResize } from './claim-resize';
import { defaultIngressClass, defaultStorageClass } from './default-class';
import { defaultTolerationSeconds } from './default-toleration-seconds';
import { limitRanger } from './limit-ranger';
import { namespaceLifecycle } from './namespace-lifecycle';
import { nodeRestriction } from './node-restriction';
import { podSecurity } from './pod-security/pod-security';
import type { AdmissionPlugin } from './plugin';
import { priority } from './priority';
import { resourceQuota } from './resource-quota';
import { runtimeClass } from './runtime-class';
import { serviceAccount } from './service-account';
import { storageObjectInUseProtection } from './storage-in-use-protection';
import { taintNodesByCondition } from './taint-nodes';

/** In the order of a real server; quotas come last, for they book what everybody else has let through. */
export const admissionPlugins = (may: MayUser): readonly AdmissionPlugin[] => [
  namespaceLifecycle,
  limitRanger,
  serviceAccount,
  nodeRestriction(may),
  taintNodesByCondition,
  podSecurity,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  persistentVolumeClaimResize,
  runtimeClass,
  certificateApproval(may),
  certificateSigning(may),
  certificateSubjectRestriction,
  defaultIngressClass,
];

/** After webhooks and policies. */
export const lastAdmissionPlugins: readonly AdmissionPlugin[] = [resourceQuota];

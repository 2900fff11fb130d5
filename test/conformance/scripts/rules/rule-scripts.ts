import type { Script } from '../../exchange';
import { admissionKindScripts } from './admission-kinds';
import { batchScripts } from './batch';
import { configurationScripts } from './configuration';
import { networkingScripts } from './networking';
import { nodeScripts } from './nodes';
import { podContainerScripts } from './pod-containers';
import { podLifeScripts } from './pod-life';
import { podSpecScripts } from './pod-specs';
import { podVolumeScripts } from './pod-volumes';
import { policyScripts } from './policies';
import { policyExpressionScripts } from './policy-expressions';
import { serviceScripts } from './services';
import { storageScripts } from './storage';
import { volumeScripts } from './volumes';
import { workloadScripts } from './workloads';

/** What each kind refuses, defaults, keeps unchanged, prints and selects by. */
export const ruleScripts: readonly Script[] = [
  ...configurationScripts,
  ...podVolumeScripts,
  ...podContainerScripts,
  ...podSpecScripts,
  ...podLifeScripts,
  ...nodeScripts,
  ...serviceScripts,
  ...volumeScripts,
  ...workloadScripts,
  ...batchScripts,
  ...policyScripts,
  ...networkingScripts,
  ...storageScripts,
  ...admissionKindScripts,
  ...policyExpressionScripts,
];

import { defaultTolerationSeconds } from './default-toleration-seconds';
import { namespaceLifecycle } from './namespace-lifecycle';
import type { AdmissionPlugin } from './plugin';
import { priority } from './priority';
import { serviceAccount } from './service-account';

/** In the order of a real server. */
export const admissionPlugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  serviceAccount,
  priority,
  defaultTolerationSeconds,
];

import type { Script } from '../../exchange';
import { authenticationScripts } from './authentication';
import { certificateScripts } from './certificates';
import { definitionScripts } from './definitions';
import { identityScripts } from './identity';
import { policyBehaviourScripts } from './policy-behaviour';
import { policyScripts } from './policies';
import { rbacScripts } from './rbac';
import { webhookScripts } from './webhooks';

/** Who may do what, and how the API is extended. */
export const accessScripts: readonly Script[] = [
  ...rbacScripts,
  ...authenticationScripts,
  ...certificateScripts,
  ...definitionScripts,
  ...policyScripts,
  ...identityScripts,
  ...policyBehaviourScripts,
  ...webhookScripts,
];

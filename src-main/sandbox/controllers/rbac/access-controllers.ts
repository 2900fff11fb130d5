import type { Controller } from '../runtime/define-controller';
import { clusterRoleAggregation } from './cluster-role-aggregation';

/** Controllers of who may do what. */
export function accessControllers(): Controller[] {
  return [clusterRoleAggregation];
}

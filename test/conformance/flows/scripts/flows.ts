import type { Flow } from '../flow';
import { autoscalerFlows } from './autoscalers';
import { measuredAutoscalerFlows } from './autoscalers-measured';
import { budgetFlows } from './budgets';
import { collectionFlows } from './collection';
import { collisionFlows } from './collisions';
import { cronJobRunFlows } from './cronjob-runs';
import { claimFlows } from './claims';
import { cronJobFlows } from './cronjobs';
import { daemonSetFlows } from './daemonsets';
import { deploymentFlows } from './deployments';
import { jobCornerFlows } from './job-corners';
import { jobFlows } from './jobs';
import { serviceFlows } from './services';
import { statefulSetFlows } from './statefulsets';
import { volumeFlows } from './volumes';

/** Every flow, in the order in which they begin: the slowest on a real cluster first. */
export const flows: readonly Flow[] = [
  ...cronJobFlows,
  ...cronJobRunFlows,
  ...autoscalerFlows,
  ...measuredAutoscalerFlows,
  ...collectionFlows,
  ...collisionFlows,
  ...deploymentFlows,
  ...statefulSetFlows,
  ...jobFlows,
  ...jobCornerFlows,
  ...daemonSetFlows,
  ...serviceFlows,
  ...budgetFlows,
  ...volumeFlows,
  ...claimFlows,
];

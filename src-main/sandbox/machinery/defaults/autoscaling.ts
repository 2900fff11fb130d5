/** autoscaling/v2 and v1. */
import type { HorizontalPodAutoscaler, HPAScalingRules } from '#common/kube/types';
import { rule, type PackageDefaults } from './rule';

const CPU_UTILIZATION = 80;
const PERIOD_SECONDS = 15;

export const autoscalingDefaults: PackageDefaults = {
  prefix: 'io.k8s.api.autoscaling.',
  rules: {
    'v1.HorizontalPodAutoscaler': rule<HorizontalPodAutoscaler>(({ spec }) => {
      spec.minReplicas ??= 1;
    }),
    'v2.HorizontalPodAutoscaler': rule<HorizontalPodAutoscaler>(defaultAutoscaler),
  },
};

function defaultAutoscaler({ spec }: HorizontalPodAutoscaler): void {
  spec.minReplicas ??= 1;
  if (!spec.metrics?.length) {
    const target = { type: 'Utilization', averageUtilization: CPU_UTILIZATION };
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
  if (!spec.behavior) return;
  const { scaleUp, scaleDown } = spec.behavior;
  if (lacks(scaleUp, scaleUpRules())) spec.behavior.scaleUp = { ...scaleUpRules(), ...scaleUp };
  if (lacks(scaleDown, scaleDownRules())) spec.behavior.scaleDown = { ...scaleDownRules(), ...scaleDown };
}

function lacks(rules: HPAScalingRules = {}, defaults: HPAScalingRules): boolean {
  return Object.keys(defaults).some((name) => rules[name as keyof HPAScalingRules] === undefined);
}

/** Doubles, or adds four Pods, every 15 seconds, whichever is more. */
function scaleUpRules(): HPAScalingRules {
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: PERIOD_SECONDS },
      { type: 'Percent', value: 100, periodSeconds: PERIOD_SECONDS },
    ],
  };
}

function scaleDownRules(): HPAScalingRules {
  return { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: PERIOD_SECONDS }] };
}

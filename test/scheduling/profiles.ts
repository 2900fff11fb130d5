import type { SchedulerConfiguration } from '#main/sandbox/scheduler/configuration';

/** The profiles of the comparison: the default one, and one for each thing that a configuration can change. */
export const configuration: SchedulerConfiguration = {
  profiles: [
    { schedulerName: 'default-scheduler' },
    {
      schedulerName: 'packing',
      plugins: {
        score: { disabled: [{ name: 'PodTopologySpread' }], enabled: [{ name: 'NodeResourcesFit', weight: 5 }] },
      },
      pluginConfig: [
        {
          name: 'NodeResourcesFit',
          args: {
            ignoredResources: ['example.com/foo'],
            scoringStrategy: {
              type: 'MostAllocated',
              resources: [
                { name: 'cpu', weight: 3 },
                { name: 'memory', weight: 1 },
                { name: 'example.com/gpu', weight: 5 },
              ],
            },
          },
        },
        { name: 'InterPodAffinity', args: { hardPodAffinityWeight: 20 } },
        {
          name: 'NodeResourcesBalancedAllocation',
          args: { resources: ['cpu', 'memory', 'example.com/gpu'].map((name) => ({ name, weight: 1 })) },
        },
      ],
    },
    {
      schedulerName: 'shaped',
      pluginConfig: [
        {
          name: 'NodeResourcesFit',
          args: {
            scoringStrategy: {
              type: 'RequestedToCapacityRatio',
              resources: [
                { name: 'cpu', weight: 1 },
                { name: 'memory', weight: 2 },
              ],
              requestedToCapacityRatio: {
                shape: [
                  { utilization: 0, score: 2 },
                  { utilization: 60, score: 10 },
                  { utilization: 100, score: 0 },
                ],
              },
            },
          },
        },
        {
          name: 'NodeAffinity',
          args: {
            addedAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'Exists' }] }],
              },
              preferredDuringSchedulingIgnoredDuringExecution: [
                { weight: 30, preference: { matchExpressions: [{ key: 'rank', operator: 'Gt', values: ['4'] }] } },
              ],
            },
          },
        },
        { name: 'InterPodAffinity', args: { ignorePreferredTermsOfExistingPods: true } },
        {
          name: 'PodTopologySpread',
          args: {
            defaultingType: 'List',
            defaultConstraints: [
              { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
              { maxSkew: 4, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' },
            ],
          },
        },
      ],
    },
    {
      schedulerName: 'kind',
      plugins: {
        multiPoint: { disabled: [{ name: 'DefaultPreemption' }, { name: 'NodePorts' }] },
        score: {
          disabled: [{ name: '*' }],
          enabled: [{ name: 'ImageLocality', weight: 3 }, { name: 'TaintToleration' }],
        },
      },
    },
  ],
};

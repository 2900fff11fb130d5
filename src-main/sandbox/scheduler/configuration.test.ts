import { describe, expect, it } from 'vitest';
import { profilesOf, type SchedulerConfiguration } from './configuration';

/** `Plugin` for one that filters, `Plugin=2` for one that scores with that weight, `!` before it where it does not filter. */
function summary(configuration: SchedulerConfiguration): string[] {
  const [profile] = profilesOf(configuration);
  return profile!.plugins.map(
    ({ plugin, filters, weight }) => `${filters ? '' : '!'}${plugin.name}${weight ? `=${weight}` : ''}`,
  );
}

const withPlugins = (plugins: NonNullable<SchedulerConfiguration['profiles']>[0]['plugins']) => ({
  profiles: [plugins ? { plugins } : {}],
});

describe('profilesOf', () => {
  it('is the default profile when nothing is said', () => {
    const [profile, ...others] = profilesOf({});
    expect(others).toEqual([]);
    expect(profile).toMatchObject({
      schedulerName: 'default-scheduler',
      percentageOfNodesToScore: 0,
      dynamicResources: true,
      preemption: { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 },
    });
    const weights = profile!.plugins.map(({ plugin, weight }) => [plugin.name, weight]);
    expect(Object.fromEntries(weights)).toMatchObject({
      TaintToleration: 3,
      NodeAffinity: 2,
      PodTopologySpread: 2,
      InterPodAffinity: 2,
      NodeResourcesFit: 1,
      NodeResourcesBalancedAllocation: 1,
      ImageLocality: 1,
    });
  });

  it.each([
    {
      case: 'only what is enabled anew',
      plugins: {
        multiPoint: {
          disabled: [{ name: '*' }],
          enabled: [{ name: 'NodeName' }, { name: 'NodeResourcesFit', weight: 4 }],
        },
      },
      expected: ['NodeName=1', 'NodeResourcesFit=4'],
    },
    {
      case: 'a weight for scores alone',
      plugins: {
        multiPoint: { disabled: [{ name: '*' }] },
        filter: { enabled: [{ name: 'NodePorts' }] },
        score: { enabled: [{ name: 'ImageLocality', weight: 7 }] },
      },
      expected: ['NodePorts', '!ImageLocality=7'],
    },
    {
      case: 'a filter that does not score',
      plugins: {
        multiPoint: { disabled: [{ name: '*' }], enabled: [{ name: 'TaintToleration' }] },
        score: { disabled: [{ name: 'TaintToleration' }] },
      },
      expected: ['TaintToleration'],
    },
  ])('$case', ({ plugins, expected }) => {
    expect(summary(withPlugins(plugins))).toEqual(expected);
  });

  it('evicts nobody where preemption is off', () => {
    const [profile] = profilesOf(withPlugins({ postFilter: { disabled: [{ name: 'DefaultPreemption' }] } }));
    expect(profile).not.toHaveProperty('preemption');
  });

  it.each([
    ['an unknown plugin', withPlugins({ filter: { enabled: [{ name: 'Mine' }] } }), 'there is no plugin called "Mine"'],
    [
      'two profiles of one name',
      { profiles: [{ schedulerName: 'a' }, { schedulerName: 'a' }] },
      'two profiles are called "a"',
    ],
    ['a profile without a name', { profiles: [{ schedulerName: 'a' }, {}] }, 'a profile has no schedulerName'],
  ])('refuses %s', (_case, configuration, why) => {
    expect(() => profilesOf(configuration)).toThrow(why);
  });
});

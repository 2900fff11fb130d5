/** A scheduler's configuration, in the shape of kubescheduler.config.k8s.io/v1 KubeSchedulerConfiguration. */
import { Problem } from '#common/base/errors';
import type { SchedulerPlugin } from './plugin';
import type { ActivePlugin, PreemptionArgs, ProfileSettings } from './profile';
import { pluginFactories, type PluginName } from './plugins/scheduling-plugins';

export interface PluginSet {
  enabled?: readonly { name: string; weight?: number }[];
  /** `*` for all of the default ones. */
  disabled?: readonly { name: string }[];
}

/** Which plugins work at which extension point; those points that are not named here follow `multiPoint`. */
export interface PluginSets {
  multiPoint?: PluginSet;
  filter?: PluginSet;
  postFilter?: PluginSet;
  score?: PluginSet;
}

export interface SchedulerProfile {
  schedulerName?: string;
  percentageOfNodesToScore?: number;
  plugins?: PluginSets;
  pluginConfig?: readonly { name: string; args: object }[];
}

export interface SchedulerConfiguration {
  profiles?: readonly SchedulerProfile[];
  percentageOfNodesToScore?: number;
  podInitialBackoffSeconds?: number;
  podMaxBackoffSeconds?: number;
}

export const DEFAULT_SCHEDULER = 'default-scheduler';
const PREEMPTION = 'DefaultPreemption';
const DEVICES = 'DynamicResources';

/** The default profile's plugins with their weights, in the order in which they are asked. */
const DEFAULT_WEIGHTS: readonly (readonly [string, number])[] = [
  ['NodeUnschedulable', 1],
  ['NodeName', 1],
  ['TaintToleration', 3],
  ['NodeAffinity', 2],
  ['NodePorts', 1],
  ['NodeResourcesFit', 1],
  ['VolumeRestrictions', 1],
  ['NodeVolumeLimits', 1],
  ['VolumeBinding', 1],
  ['VolumeZone', 1],
  ['PodTopologySpread', 2],
  ['InterPodAffinity', 2],
  [DEVICES, 2],
  [PREEMPTION, 1],
  ['NodeResourcesBalancedAllocation', 1],
  ['ImageLocality', 1],
  ['NodeDeclaredFeatures', 1],
];

/** Plugins of every profile that are no rules about nodes: they may be named, and change nothing. */
const ALWAYS: readonly string[] = ['SchedulingGates', 'PrioritySort', 'DefaultBinder'];

/** Throws Problem `scheduler-configuration`. */
export function profilesOf(configuration: SchedulerConfiguration): ProfileSettings[] {
  const { profiles = [{}] } = configuration;
  const settings = profiles.map((profile) => settingsOf(profile, configuration, profiles.length));
  const names = settings.map(({ schedulerName }) => schedulerName);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw refuse(`two profiles are called "${twice}"`);
  return settings;
}

function settingsOf(
  profile: SchedulerProfile,
  configuration: SchedulerConfiguration,
  profileCount: number,
): ProfileSettings {
  const { plugins = {}, pluginConfig = [], schedulerName } = profile;
  if (!schedulerName && profileCount > 1) throw refuse('a profile has no schedulerName');
  const args = new Map(pluginConfig.map((one) => [one.name, one.args]));
  const everywhere = enabledPlugins(plugins.multiPoint);
  const filters = atPoint(everywhere, plugins.filter);
  const scores = atPoint(everywhere, plugins.score);
  const afterwards = atPoint(everywhere, plugins.postFilter);
  const active = DEFAULT_WEIGHTS.flatMap(([name]): ActivePlugin[] => {
    const factory = pluginFactories[name as PluginName] as ((args: object) => SchedulerPlugin) | undefined;
    const weight = scores.get(name) ?? 0;
    if (!factory || (!filters.has(name) && weight === 0)) return [];
    return [{ plugin: factory(args.get(name) ?? {}), filters: filters.has(name), weight }];
  });
  return {
    schedulerName: schedulerName ?? DEFAULT_SCHEDULER,
    plugins: active,
    percentageOfNodesToScore: profile.percentageOfNodesToScore ?? configuration.percentageOfNodesToScore ?? 0,
    dynamicResources: afterwards.has(DEVICES),
    ...(afterwards.has(PREEMPTION) ? { preemption: preemptionArgs(args.get(PREEMPTION)) } : {}),
  };
}

function preemptionArgs(args: Partial<PreemptionArgs> = {}): PreemptionArgs {
  return { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100, ...args };
}

/** Names and weights of the plugins that work wherever they can. */
function enabledPlugins(set: PluginSet = {}): Map<string, number> {
  return atPoint(new Map(DEFAULT_WEIGHTS), set);
}

function atPoint(
  before: ReadonlyMap<string, number>,
  { enabled = [], disabled = [] }: PluginSet = {},
): Map<string, number> {
  const isAll = disabled.some(({ name }) => name === '*');
  const plugins = new Map(isAll ? [] : before);
  for (const { name } of disabled) plugins.delete(name);
  const defaults = new Map(DEFAULT_WEIGHTS);
  for (const { name, weight } of enabled) {
    if (ALWAYS.includes(name)) continue;
    if (!defaults.has(name)) throw refuse(`there is no plugin called "${name}"`);
    plugins.set(name, weight || 1);
  }
  return plugins;
}

const refuse = (why: string): Problem =>
  new Problem('scheduler-configuration', `The scheduler's configuration cannot be used: ${why}.`);

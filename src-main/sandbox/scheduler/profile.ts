import type { Random } from '#common/base/random';
import { LocalVerdicts } from './local-verdicts';
import type { QueueingHints } from './cluster-event';
import type { SchedulerPlugin } from './plugin';

/** A plugin at work in a profile. */
export interface ActivePlugin {
  plugin: SchedulerPlugin;
  filters: boolean;
  /** Scores count this many times; 0 where the plugin does not score. */
  weight: number;
}

export interface PreemptionArgs {
  minCandidateNodesPercentage: number;
  minCandidateNodesAbsolute: number;
}

/** How Pods of one scheduler name are placed. */
export interface ProfileSettings {
  schedulerName: string;
  /** In the order in which they are asked. */
  plugins: readonly ActivePlugin[];
  /** Nodes compared, in percent of all; 0 lets the size of the cluster decide. */
  percentageOfNodesToScore: number;
  /** Absent where nobody is evicted to make room. */
  preemption?: PreemptionArgs;
  /** Whether claims of devices are looked at, which is told when a Pod finds no place. */
  dynamicResources: boolean;
}

/** A profile, and what its rules said of nodes that have not changed since. */
export class Profile {
  readonly settings: ProfileSettings;
  readonly local: LocalVerdicts;
  readonly wide: readonly ActivePlugin[];
  /** By plugin: what may help Pods that it kept away. */
  readonly hints: ReadonlyMap<string, QueueingHints>;
  readonly random: Random;

  constructor(settings: ProfileSettings, random: Random) {
    this.settings = settings;
    this.local = new LocalVerdicts(settings.plugins);
    this.wide = settings.plugins.filter(({ plugin }) => plugin.forPod);
    this.hints = new Map(settings.plugins.map(({ plugin }) => [plugin.name, plugin.hints ?? {}]));
    this.random = random;
  }
}

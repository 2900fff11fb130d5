import { unresolvable, type Rejection } from './plugin';

/** Why no node will do. */
export interface Diagnosis {
  /** By node name. */
  rejections: ReadonlyMap<string, Rejection>;
  /** Of the nodes that are not named above. */
  others: Rejection | undefined;
  /** Said before any node was looked at. */
  isHopeless: boolean;
}

/** Of nodes that a plugin ruled out without a look at them. */
export const notLookedAt = (plugin: string): Rejection =>
  unresolvable(plugin, `node(s) didn't satisfy plugin(s) [${plugin}]`);

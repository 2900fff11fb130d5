import { acceptsNode, matchesTerm } from '#common/kube/node-selection';
import type { Node, NodeAffinity, NodeSelectorTerm, Pod, PreferredSchedulingTerm } from '#common/kube/types';
import { stretched, unresolvable, type SchedulerPlugin } from '../plugin';

export interface NodeAffinityArgs {
  /** Required and preferred of every Pod of the profile, besides its own. */
  addedAffinity?: NodeAffinity;
}

const NAME = 'NodeAffinity';
const UNMATCHED = unresolvable(NAME, "node(s) didn't match Pod's node affinity/selector");
const UNENFORCED = unresolvable(NAME, "node(s) didn't match scheduler-enforced node affinity");
const CONFLICT = unresolvable(NAME, 'pod affinity terms conflict');

/** nodeSelector and node affinity: the nodes a Pod must have, and those it would rather have. */
export function nodeAffinity({ addedAffinity }: NodeAffinityArgs = {}): SchedulerPlugin {
  const enforced = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const added = addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const isEnforced = (node: Node) => !enforced || enforced.some((term) => matchesTerm(term, node));
  return {
    name: NAME,
    normalize: stretched,
    forPod(pod) {
      const names = namedNodes(pod);
      if (!names) return undefined;
      return names.size === 0 ? { hopeless: CONFLICT } : { only: names };
    },
    filter({ spec }, { node }) {
      if (!isEnforced(node)) return UNENFORCED;
      return acceptsNode(spec, node) ? undefined : UNMATCHED;
    },
    score({ spec }, { node }) {
      const own = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
      return preference(added, node) + preference(own, node);
    },
    hints: {
      'Node/Add': ({ spec }, { after }) => !!after && isEnforced(after) && acceptsNode(spec, after),
      'Node/UpdateLabel': ({ spec }, { before, after }) =>
        !!after && isEnforced(after) && acceptsNode(spec, after) && !(before && acceptsNode(spec, before)),
    },
  };
}

const preference = (terms: readonly PreferredSchedulingTerm[], node: Node): number =>
  terms.reduce((sum, { weight, preference }) => (matchesTerm(preference, node) ? sum + weight : sum), 0);

/** The nodes that the terms name one by one; undefined when one of them names none. */
function namedNodes({ spec }: Pod): Set<string> | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (!terms || terms.length === 0) return undefined;
  const names = new Set<string>();
  for (const term of terms) {
    const named = namedBy(term);
    if (!named) return undefined;
    for (const name of named) names.add(name);
  }
  return names;
}

function namedBy({ matchFields = [] }: NodeSelectorTerm): Set<string> | undefined {
  let names: Set<string> | undefined;
  for (const { key, operator, values = [] } of matchFields) {
    if (key !== 'metadata.name' || operator !== 'In') continue;
    const known = names;
    names = new Set(known ? values.filter((value) => known.has(value)) : values);
  }
  return names;
}

import { meetsRequirement } from './label-requirement';
import type { Node, NodeSelectorTerm, PodSpec } from './types';

/** The nodes a Pod can be on at all, by its nodeSelector and required node affinity. */
export function acceptsNode({ nodeSelector = {}, affinity }: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return (
    Object.entries(nodeSelector).every(([key, value]) => labels[key] === value) &&
    (!required || required.nodeSelectorTerms.some((term) => matchesTerm(term, node)))
  );
}

/** A term without requirements matches no node. */
export function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  const fields = nodeFields(node);
  return (
    matchExpressions.every((requirement) => meetsRequirement(requirement, labels)) &&
    matchFields.every((requirement) => meetsRequirement(requirement, fields))
  );
}

/** The one field of a node that selectors may ask for. */
export const nodeFields = ({ metadata }: Node): Record<string, string> => ({ 'metadata.name': metadata.name });

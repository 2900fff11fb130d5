import type { Resource } from '#common/kube/resource';

/** A kind as discovery shows it. */
export interface DiscoveredResource extends Resource {
  singular: string;
  shortNames: string[];
  categories: string[];
  verbs: string[];
  /** Names of subresources: `status`, `scale`, `log`. */
  subresources: string[];
  /** Served from a CustomResourceDefinition or an aggregated API rather than built in. */
  custom: boolean;
  scalable: boolean;
  /** The group's preferred version has it: others are the same objects in another shape. */
  preferred: boolean;
}

/** What discovery found, and which groups did not answer. */
export interface Discovery {
  resources: DiscoveredResource[];
  /** Groups whose aggregated API server does not answer, as `group/version`. */
  failed: string[];
}

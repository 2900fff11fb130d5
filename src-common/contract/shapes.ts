import * as v from 'valibot';
import type { Tone } from '../kinds/kind';

/** Shapes that several groups of the contract share. */

/** `context:NAME` for a kubeconfig context, `sandbox:NAME` for a sandbox cluster. */
export const clusterId = v.pipe(v.string(), v.minLength(1), v.maxLength(512));
export type ClusterId = v.InferOutput<typeof clusterId>;

export const nothing = v.optional(v.null());

export const resourceRef = v.object({
  group: v.string(),
  version: v.string(),
  plural: v.string(),
  kind: v.string(),
  namespaced: v.boolean(),
});
export type ResourceRef = v.InferOutput<typeof resourceRef>;

/** Names one object of one cluster. */
export const objectRef = v.object({
  cluster: clusterId,
  resource: resourceRef,
  namespace: v.optional(v.string()),
  name: v.pipe(v.string(), v.minLength(1)),
});
export type ObjectRef = v.InferOutput<typeof objectRef>;

/** The name of a protected cluster, typed by the person, that lets one write pass. */
export const confirmation = v.optional(v.string());

/** A kind that discovery shows. */
export interface ResourceKind extends ResourceRef {
  shortNames: string[];
  categories: string[];
  verbs: string[];
  /** Served from a CustomResourceDefinition or an aggregated API rather than built in. */
  custom: boolean;
  scalable: boolean;
}

/** A failure as the window shows it: cause, next step, and text for Copy details. */
export interface ProblemReport {
  code: string;
  message: string;
  nextStep?: string;
  details?: string;
}

/** How far what is shown can be trusted; `since` in epoch milliseconds. */
export interface Freshness {
  state: 'loading' | 'live' | 'reconnecting' | 'forbidden' | 'failed';
  since: number;
  message?: string;
}

export type { Tone };

import * as v from 'valibot';
import type { AnyObject } from '../kube/object';
import { call, stream } from './define';
import { clusterId, confirmation, objectRef, type Freshness, type ResourceRef, type Tone } from './shapes';

export interface ObjectState {
  /** Absent while loading, and when it never existed; the last known content once deleted. */
  object?: AnyObject;
  /** The object as YAML without managedFields, as the editor shows it. */
  yaml?: string;
  /** One word and one sentence: what state the thing is in and why. */
  status?: {
    tone: Tone;
    word: string;
    sentence: string;
    /** The sentence as key and values: `speak` of `kinds/speak` puts it into another language. */
    said?: { key: string; values?: unknown };
  };
  deleted: boolean;
  freshness: Freshness;
}

/** One Event, or several of the same kind merged as the server counted them. Newest first. */
export interface EventEntry {
  uid: string;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  source: string;
  count: number;
  /** Epoch milliseconds. */
  firstSeen: number;
  lastSeen: number;
  /** The object the event speaks of: `Pod/web-1`. */
  regarding: string;
}

export type Relation = 'owner' | 'owned' | 'selects' | 'selected-by' | 'mounts' | 'uses' | 'runs-on' | 'exposed-by';

export interface RelatedObject {
  relation: Relation;
  resource: ResourceRef;
  namespace?: string;
  name: string;
  tone: Tone;
  /** Short state in words: `Running`, `2/3 ready`; empty where there is none. */
  note: string;
}

/** The server's answer to one document of an applied manifest. */
export interface ApplyOutcome {
  kind: string;
  namespace?: string;
  name: string;
  outcome: 'created' | 'configured' | 'unchanged' | 'failed';
  /** The server's message on failure, word for word. */
  message?: string;
  /** Field and owner of each conflict of a server-side apply. */
  conflicts?: { field: string; manager: string }[];
  /** Warning headers of the server. */
  warnings: string[];
  object?: AnyObject;
}

export interface RemoveOutcome {
  name: string;
  namespace?: string;
  outcome: 'deleted' | 'deleting' | 'failed';
  message?: string;
}

const write = { confirmation, dryRun: v.optional(v.boolean()) };

export const objects = {
  watch: stream(objectRef).of<ObjectState>(),
  /** Events over the object and what it owns. */
  events: stream(objectRef).of<EventEntry[]>(),
  related: stream(objectRef).of<RelatedObject[]>(),
  /** The text `kubectl describe` prints. */
  describe: call(objectRef).returns<string>(),
  /** Server-side apply of each document of `yaml`, in order; stops at nothing: each has its own outcome. */
  apply: call(
    v.object({
      cluster: clusterId,
      namespace: v.optional(v.string()),
      yaml: v.string(),
      force: v.optional(v.boolean()),
      ...write,
    }),
  ).returns<ApplyOutcome[]>(),
  /** Replaces the object with the edited YAML (PUT with its resourceVersion); a conflict is refused, never overwritten. */
  update: call(v.object({ ...objectRef.entries, yaml: v.string(), ...write })).returns<ApplyOutcome>(),
  remove: call(
    v.object({
      cluster: clusterId,
      objects: v.array(
        v.object({ resource: objectRef.entries.resource, namespace: v.optional(v.string()), name: v.string() }),
      ),
      gracePeriodSeconds: v.optional(v.number()),
      propagation: v.optional(v.picklist(['Background', 'Foreground', 'Orphan'])),
      ...write,
    }),
  ).returns<RemoveOutcome[]>(),
  scale: call(
    v.object({ ...objectRef.entries, replicas: v.pipe(v.number(), v.integer(), v.minValue(0)), ...write }),
  ).returns<void>(),
  /** Rolling restart by the annotation kubectl writes. */
  restart: call(v.object({ ...objectRef.entries, ...write })).returns<void>(),
  /** The decoded values of a Secret, one key at a time, on purpose. */
  reveal: call(v.object({ ...objectRef.entries, key: v.string() })).returns<string>(),
};

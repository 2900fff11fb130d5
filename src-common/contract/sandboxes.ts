import * as v from 'valibot';
import { call } from './define';
import { nothing, type ClusterId } from './shapes';

/** A sandbox cluster's name: a DNS label (RFC 1123). */
export const sandboxName = v.pipe(v.string(), v.regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/));

export interface Scenario {
  name: string;
  /** English and Chinese, one line each. */
  title: Record<'en' | 'zh', string>;
  description: Record<'en' | 'zh', string>;
}

export const sandboxes = {
  scenarios: call(nothing).returns<Scenario[]>(),
  /** Starts a new sandbox cluster; resolves when its API answers. */
  create: call(
    v.object({
      name: sandboxName,
      nodes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(5000)),
      scenario: v.string(),
      ephemeral: v.boolean(),
    }),
  ).returns<{ cluster: ClusterId }>(),
  /** Starts a stopped sandbox, or joins the running one. */
  start: call(v.object({ name: sandboxName })).returns<{ cluster: ClusterId }>(),
  stop: call(v.object({ name: sandboxName })).returns<void>(),
  /** Stops it and removes its folder. */
  delete: call(v.object({ name: sandboxName })).returns<void>(),
  /** A kubeconfig file with this cluster's administrator. */
  kubeconfig: call(v.object({ name: sandboxName })).returns<string>(),
};

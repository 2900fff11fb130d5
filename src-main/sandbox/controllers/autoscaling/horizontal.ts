import { formatTime } from '#common/base/clock';
import { isAbort, messageOf } from '#common/base/errors';
import type { ObjectKey } from '#common/kube/object';
import { HorizontalPodAutoscalers, Pods } from '#common/kube/resources';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus, MetricStatus, Pod } from '#common/kube/types';
import { again, defineController, settled, type Controller, type ReconcileContext } from '../runtime/define-controller';
import { sameStatus } from '../runtime/same-json';
import { AutoscalerConditions } from './autoscaler-conditions';
import { answerOf, MetricError } from './metric-proposals';
import { findTarget, rescale, type ScaleTarget } from './scale-target';
import { recentOf, scalingVerdict, type ScalingHistory } from './scaling-rules';

/** `--horizontal-pod-autoscaler-sync-period`. */
const SYNC_MS = 15_000;

/** What is remembered of one autoscaler between two looks. */
interface Memory {
  dueMs: number;
  history: ScalingHistory;
  /** Its Pods by uid, as of the last look. */
  pods: ReadonlySet<string>;
}

/** Scales targets by what their Pods use: looks at each autoscaler every 15 seconds, as the real one does. */
export function horizontalController(): Controller {
  const memories = new Map<ObjectKey, Memory>();
  return defineController({
    name: 'horizontal-pod-autoscaler',
    component: 'horizontal-pod-autoscaler',
    reconciles: HorizontalPodAutoscalers,

    async reconcile(key, context) {
      const autoscaler = context.cache.get(HorizontalPodAutoscalers, key);
      if (!autoscaler) {
        memories.delete(key);
        return settled;
      }
      const nowMs = context.clock.now();
      const memory = memories.get(key) ?? { dueMs: nowMs + SYNC_MS, history: EMPTY, pods: new Set() };
      memories.set(key, memory);
      if (nowMs < memory.dueMs) return again(memory.dueMs - nowMs);
      memory.dueMs = nowMs + SYNC_MS;
      await new Look(autoscaler, { context, memory, memories, nowMs }).run();
      return again(SYNC_MS);
    },
  });
}

const EMPTY: ScalingHistory = { recommendations: [], ups: [], downs: [] };

interface LookParts {
  context: ReconcileContext;
  memory: Memory;
  memories: ReadonlyMap<ObjectKey, Memory>;
  nowMs: number;
}

/** A size, and what leads to it; without metrics where none were asked. */
interface Wish {
  replicas: number;
  reason: string;
  metrics: MetricStatus[];
  rescale: boolean;
}

/** Why an autoscaler cannot do anything; what has to be said has been said. */
class StandStillError extends Error {
  readonly metrics: MetricStatus[] | undefined;

  constructor(message: string, metrics?: MetricStatus[]) {
    super(message);
    this.metrics = metrics;
  }
}

/** One look at one autoscaler. */
class Look {
  readonly #autoscaler: HorizontalPodAutoscaler;
  readonly #parts: LookParts;
  readonly #conditions: AutoscalerConditions;
  #lastScaleTime: string | undefined;

  constructor(autoscaler: HorizontalPodAutoscaler, parts: LookParts) {
    this.#autoscaler = autoscaler;
    this.#parts = parts;
    this.#conditions = new AutoscalerConditions(autoscaler.status?.conditions, parts.nowMs);
    this.#lastScaleTime = autoscaler.status?.lastScaleTime;
  }

  async run(): Promise<void> {
    const target = await this.#target();
    if (!target) return;
    const current = target.scale.spec.replicas ?? 0;
    try {
      const wish = await this.#wish(target, current);
      if (wish.rescale) await this.#rescale(target, current, wish);
      await this.#write({ current, desired: wish.rescale ? wish.replicas : current, metrics: wish.metrics });
    } catch (failure) {
      if (!(failure instanceof StandStillError)) throw failure;
      const desired = this.#autoscaler.status?.desiredReplicas ?? 0;
      await this.#write({ current, desired, metrics: failure.metrics });
    }
  }

  async #target(): Promise<ScaleTarget | undefined> {
    const { client, signal } = this.#parts.context;
    const { metadata, spec, status } = this.#autoscaler;
    try {
      const target = await findTarget(client, spec.scaleTargetRef, metadata.namespace ?? '', signal);
      const message = "the HPA controller was able to get the target's current scale";
      this.#conditions.set('AbleToScale', true, { reason: 'SucceededGetScale', message });
      return target;
    } catch (failure) {
      if (isAbort(failure)) throw failure;
      const why = messageOf(failure);
      this.#warn('FailedGetScale', why);
      const message = `the HPA controller was unable to get the target's current scale: ${why}`;
      this.#conditions.set('AbleToScale', false, { reason: 'FailedGetScale', message });
      await this.#writeStatus({ ...status, desiredReplicas: status?.desiredReplicas ?? 0 });
      return undefined;
    }
  }

  async #wish(target: ScaleTarget, current: number): Promise<Wish> {
    const { minReplicas: min = 1, maxReplicas: max } = this.#autoscaler.spec;
    const { memory, nowMs } = this.#parts;
    if (memory.history.recommendations.length === 0) {
      memory.history = { ...memory.history, recommendations: [{ atMs: nowMs, replicas: current }] };
    }
    const plain = { metrics: [], rescale: true };
    if (current === 0) {
      const message = 'scaling is disabled since the replica count of the target is zero';
      this.#conditions.set('ScalingActive', false, { reason: 'ScalingDisabled', message });
      return { ...plain, replicas: 0, reason: '', rescale: false };
    }
    if (current > max) {
      return { ...plain, replicas: max, reason: 'Current number of replicas above Spec.MaxReplicas' };
    }
    if (current < min) {
      return { ...plain, replicas: min, reason: 'Current number of replicas below Spec.MinReplicas' };
    }
    return this.#measuredWish(target, { current, min, max });
  }

  async #measuredWish(
    target: ScaleTarget,
    { current, min, max }: { current: number; min: number; max: number },
  ): Promise<Wish> {
    const { memory, nowMs } = this.#parts;
    const { replicas: wanted, name, metrics } = await this.#asked(target);
    const reason = wanted > current ? `${name} above target` : wanted < current ? 'All metrics below target' : '';
    const question = { current, wanted, min, max, nowMs };
    const verdict = scalingVerdict(question, this.#autoscaler.spec.behavior, memory.history);
    const recommendations = [...memory.history.recommendations, { atMs: nowMs, replicas: wanted }];
    memory.history = recentOf({ ...memory.history, recommendations }, nowMs);
    this.#conditions.set('AbleToScale', true, verdict.able);
    this.#conditions.set('ScalingLimited', verdict.limited.isLimited, verdict.limited);
    return { replicas: verdict.replicas, reason, metrics, rescale: verdict.replicas !== current };
  }

  /** The most that any metric asks for. */
  async #asked(target: ScaleTarget): Promise<{ replicas: number; name: string; metrics: MetricStatus[] }> {
    const { context, nowMs } = this.#parts;
    const { client, signal } = context;
    const current = target.scale.spec.replicas ?? 0;
    const { selector, pods } = await this.#pods(target);
    const specs = this.#autoscaler.spec.metrics ?? [];
    const asking = { client, autoscaler: this.#autoscaler, pods, selector, currentReplicas: current, nowMs, signal };
    const metrics: MetricStatus[] = [];
    const failures: MetricError[] = [];
    let most = { replicas: 0, name: '' };
    for (const spec of specs) {
      const answer = await answerOf(spec, asking).catch((failure) => this.#failed(failure));
      metrics.push(answer instanceof MetricError ? { type: '' } : answer.status);
      if (answer instanceof MetricError) failures.push(answer);
      else if (most.replicas === 0 || answer.replicas > most.replicas) most = answer;
    }
    this.#mayScale(failures, { count: specs.length, wouldShrink: most.replicas < current, metrics });
    const message = `the HPA was able to successfully calculate a replica count from ${most.name}`;
    this.#conditions.set('ScalingActive', true, { reason: 'ValidMetricFound', message });
    return { ...most, metrics };
  }

  #failed(failure: unknown): MetricError {
    if (!(failure instanceof MetricError)) throw failure;
    this.#warn(failure.reason, failure.why);
    return failure;
  }

  /** Some metrics are enough to grow, not to shrink. */
  #mayScale(
    failures: readonly MetricError[],
    { count, wouldShrink, metrics }: { count: number; wouldShrink: boolean; metrics: MetricStatus[] },
  ): void {
    const [first] = failures;
    if (!first || (failures.length < count && !wouldShrink)) return;
    const message = `the HPA was unable to compute the replica count: ${first.why}`;
    this.#conditions.set('ScalingActive', false, { reason: first.reason, message });
    const all = `invalid metrics (${failures.length} invalid out of ${count}), first error is: ${first.message}`;
    this.#warn('FailedComputeMetricsReplicas', all);
    throw new StandStillError(all, metrics);
  }

  async #pods(target: ScaleTarget): Promise<{ selector: string; pods: readonly Pod[] }> {
    const { context, memory } = this.#parts;
    const selector = target.scale.status?.selector ?? '';
    if (!selector) {
      this.#inactive('SelectorRequired', 'selector is required', {
        reason: 'InvalidSelector',
        message: "the HPA target's scale is missing a selector",
      });
    }
    const { namespace } = this.#autoscaler.metadata;
    const { items } = await context.client.list(Pods, {
      namespace,
      labelSelector: selector,
      signal: context.signal,
    });
    memory.pods = new Set(items.map(({ metadata }) => metadata.uid));
    this.#refuseRivals(selector, items);
    return { selector, pods: items };
  }

  #refuseRivals(selector: string, pods: readonly Pod[]): void {
    const { context, memories, memory } = this.#parts;
    const rivals = [...memories].filter(
      ([key, other]) =>
        other !== memory &&
        context.cache.get(HorizontalPodAutoscalers, key) &&
        pods.some(({ metadata }) => other.pods.has(metadata.uid)),
    );
    if (rivals.length === 0) return;
    const { namespace = '', name } = this.#autoscaler.metadata;
    const names = [...rivals.map(([key]) => key), `${namespace}/${name}`].sort().join(' ');
    const message = `pods by selector ${selector} are controlled by multiple HPAs: [${names}]`;
    this.#inactive('AmbiguousSelector', message, { reason: 'AmbiguousSelector', message });
  }

  #inactive(event: string, text: string, condition: { reason: string; message: string }): never {
    this.#warn(event, text);
    this.#conditions.set('ScalingActive', false, condition);
    this.#warn('FailedComputeMetricsReplicas', text);
    throw new StandStillError(text);
  }

  async #rescale(target: ScaleTarget, current: number, { replicas, reason, metrics }: Wish): Promise<void> {
    const { context, memory, nowMs } = this.#parts;
    try {
      await rescale(context.client, target, replicas, context.signal);
    } catch (failure) {
      if (isAbort(failure)) throw failure;
      const why = messageOf(failure);
      this.#warn('FailedRescale', `New size: ${replicas}; reason: ${reason}; error: ${why}`);
      const message = `the HPA controller was unable to update the target scale: ${why}`;
      this.#conditions.set('AbleToScale', false, { reason: 'FailedUpdateScale', message });
      throw new StandStillError(why, metrics);
    }
    const message = `the HPA controller was able to update the target scale to ${replicas}`;
    this.#conditions.set('AbleToScale', true, { reason: 'SucceededRescale', message });
    const text = `New size: ${replicas}; reason: ${reason}`;
    context.record(this.#autoscaler, { type: 'Normal', reason: 'SuccessfulRescale', message: text });
    this.#lastScaleTime = formatTime(nowMs);
    if (!this.#autoscaler.spec.behavior) return;
    const moment = { atMs: nowMs, replicas: Math.abs(replicas - current) };
    const { history } = memory;
    memory.history =
      replicas > current
        ? { ...history, ups: [...history.ups, moment] }
        : { ...history, downs: [...history.downs, moment] };
  }

  #write({ current, desired, metrics }: { current: number; desired: number; metrics: MetricStatus[] | undefined }) {
    return this.#writeStatus({
      currentReplicas: current,
      desiredReplicas: desired,
      ...(this.#lastScaleTime ? { lastScaleTime: this.#lastScaleTime } : {}),
      ...(metrics && metrics.length > 0 ? { currentMetrics: metrics } : {}),
    });
  }

  async #writeStatus(status: HorizontalPodAutoscalerStatus): Promise<void> {
    const { client, signal } = this.#parts.context;
    const next = { ...status, conditions: this.#conditions.list };
    if (sameStatus(this.#autoscaler.status ?? {}, next)) return;
    await client.updateStatus(HorizontalPodAutoscalers, { ...this.#autoscaler, status: next }, { signal });
  }

  #warn(reason: string, message: string): void {
    this.#parts.context.record(this.#autoscaler, { type: 'Warning', reason, message });
  }
}

/** What one metric of an autoscaler asks for, and what its status says about it. */
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, Pod } from '#common/kube/types';
import { formatSelector } from '#common/kinds/selector';
import type { KubeClient } from '#main/client/client';
import { podValues } from './pod-metrics';
import { milliOf, requestsOf } from './pod-requests';
import { NoProposalError, proposeByUtilization, proposeByValue, type Proposal, type Tolerances } from './replica-math';

export interface MetricContext {
  client: KubeClient;
  autoscaler: HorizontalPodAutoscaler;
  pods: readonly Pod[];
  selector: string;
  currentReplicas: number;
  nowMs: number;
  signal: AbortSignal;
}

export interface MetricAnswer {
  replicas: number;
  /** Names the metric in reasons: `cpu resource utilization (percentage of request)`. */
  name: string;
  status: MetricStatus;
}

/** A metric that says nothing: its reason, why, and how the whole failure is called. */
export class MetricError extends Error {
  readonly reason: string;
  /** The text of the condition and the event; the message is that of the whole. */
  readonly why: string;

  /** `more` is said of the whole failure only. */
  constructor(reason: string, why: string, where: string, more = '') {
    super(`failed to get ${where} metric value: ${more}${why}`);
    this.reason = reason;
    this.why = why;
  }
}

/** Throws MetricError. */
export function answerOf(spec: MetricSpec, context: MetricContext): Promise<MetricAnswer> {
  const { resource, containerResource } = spec;
  if (resource) return resourceAnswer({ ...resource, container: '' }, context);
  if (containerResource) return resourceAnswer(containerResource, context);
  return Promise.reject(absentMetric(spec, context.autoscaler));
}

interface AskedResource {
  name: string;
  container: string;
  target: MetricTarget;
}

async function resourceAnswer(asked: AskedResource, context: MetricContext): Promise<MetricAnswer> {
  try {
    return await measured(asked, context);
  } catch (failure) {
    if (!(failure instanceof NoProposalError)) throw failure;
    const what = asked.target.averageValue === undefined ? 'utilization' : 'usage';
    const why = `failed to get ${asked.name} ${what}: ${failure.message}`;
    throw asked.container
      ? new MetricError('FailedGetContainerResourceMetric', why, `${asked.container} container`)
      : new MetricError('FailedGetResourceMetric', why, `${asked.name} resource`);
  }
}

async function measured({ name, container, target }: AskedResource, context: MetricContext): Promise<MetricAnswer> {
  const { client, autoscaler, pods, selector, currentReplicas, nowMs, signal } = context;
  const { namespace = '' } = autoscaler.metadata;
  const values = await podValues(client, { namespace, selector, resource: name, container }, signal);
  const tolerances = tolerancesOf(autoscaler);
  const measurement = { pods, values, resource: name, currentReplicas, tolerances, nowMs };
  const { averageValue, averageUtilization = 0 } = target;
  const proposal =
    averageValue === undefined
      ? proposeByUtilization(measurement, () => requestsOf(pods, name, container), averageUtilization)
      : proposeByValue(measurement, milliOf(averageValue));
  const kind = container ? 'container resource' : 'resource';
  const metric =
    averageValue === undefined ? `${name} ${kind} utilization (percentage of request)` : `${name} resource`;
  return { replicas: proposal.replicas, name: metric, status: statusOf({ name, container }, proposal) };
}

function statusOf({ name, container }: { name: string; container: string }, proposal: Proposal): MetricStatus {
  const { average, utilization } = proposal;
  const averageValue = quantityText(name, average);
  const current = utilization === undefined ? { averageValue } : { averageValue, averageUtilization: utilization };
  return container
    ? { type: 'ContainerResource', containerResource: { name, container, current } }
    : { type: 'Resource', resource: { name, current } };
}

/** Thousandths as the status shows them: memory in powers of two. */
function quantityText(resource: string, milli: number): string {
  if (milli % 1000 !== 0) return `${milli}m`;
  let amount = milli / 1000;
  if (resource !== 'memory') return String(amount);
  let suffix = 0;
  while (amount !== 0 && amount % 1024 === 0 && suffix < 4) {
    amount /= 1024;
    suffix++;
  }
  return `${amount}${['', 'Ki', 'Mi', 'Gi', 'Ti'][suffix]}`;
}

const TOLERANCE = 0.1;

function tolerancesOf({ spec: { behavior } }: HorizontalPodAutoscaler): Tolerances {
  const of = (text: string | undefined) => (text === undefined ? TOLERANCE : milliOf(text) / 1000);
  return { up: of(behavior?.scaleUp?.tolerance), down: of(behavior?.scaleDown?.tolerance) };
}

const NO_CUSTOM =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';

/** Metrics that some adapter would have to serve. */
function absentMetric(spec: MetricSpec, { metadata: { namespace = '' } }: HorizontalPodAutoscaler): MetricError {
  const { pods, object, external } = spec;
  if (pods) {
    return new MetricError('FailedGetPodsMetric', `unable to get metric ${pods.metric.name}: ${NO_CUSTOM}`, 'pods');
  }
  if (object) {
    const { kind, name } = object.describedObject;
    // The failure stands where the name of the object should: the real one mixes up what it says.
    const why = `unable to get metric ${object.metric.name}: ${kind} on ${namespace} ${name}/${NO_CUSTOM}`;
    const isAverage = object.target.type === 'AverageValue';
    const more = isAverage ? `failed to get ${object.metric.name} object metric: ` : '';
    return new MetricError('FailedGetObjectMetric', why, 'object', more);
  }
  if (external) {
    const { name, selector } = external.metric;
    const shown = selector ? `&LabelSelector{${formatSelector(selector)},}` : 'nil';
    const missing = `the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`;
    const plain = `unable to get external metric ${namespace}/${name}/${shown}: unable to fetch metrics from external metrics API: ${missing}`;
    const what = external.target.averageValue === undefined ? `external metric ${name}` : `${name} external metric`;
    return new MetricError('FailedGetExternalMetric', plain, `${name} external`, `failed to get ${what}: `);
  }
  return new MetricError('InvalidMetricSourceType', `unknown metric source type "${spec.type}"`, spec.type);
}

/** What an autoscaler may look at. */
import type { CrossVersionObjectReference, MetricSpec, MetricTarget } from '#common/kube/types';
import { quantityNanos } from '#main/sandbox/machinery/quantity';
import { checkContainerResourceName } from '../core/resource-rules';
import { forbiddenField, invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { dnsLabel, pathSegment } from '../names';
import { checkName, checkNeededName } from '../value-rules';

const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
/** In the order in which the server looks for them. */
const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;
const BY_TYPE: Readonly<Record<string, (typeof SOURCES)[number]>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};
const TARGETS = ['Utilization', 'Value', 'AverageValue'];
const RAW_OR_PART = 'must set either a target raw value or a target utilization';

export function checkMetric(metric: MetricSpec, path: string, into: FieldError[]): void {
  const { type } = metric;
  const expected = BY_TYPE[type];
  if (!type) into.push(required(`${path}.type`, 'must specify a metric source type'));
  if (!expected) into.push(notSupported(`${path}.type`, type, TYPES));
  const present = SOURCES.filter((source) => metric[source] !== undefined);
  const [first] = present;
  if (first) CHECKS[first](metric, `${path}.${first}`, into);
  if (!expected) into.push(notSupported(`${path}.type`, type, TYPES));
  else if (!metric[expected])
    into.push(required(`${path}.${expected}`, 'must populate information for the given metric source'));
  if (present.length === 1) return;
  for (const source of present)
    if (source !== expected)
      into.push(forbiddenField(`${path}.${source}`, 'must populate the given metric source only'));
}

type Check = (metric: MetricSpec, path: string, into: FieldError[]) => void;

const CHECKS: Readonly<Record<(typeof SOURCES)[number], Check>> = {
  object({ object }, path, into) {
    if (!object) return;
    checkReference(object.describedObject, `${path}.describedObject`, true, into);
    checkMetricName(object.metric.name, path, into);
    checkTarget(object.target, `${path}.target`, into);
    if (object.target.value === undefined && object.target.averageValue === undefined)
      into.push(required(`${path}.target.averageValue`, 'must set either a target value or averageValue'));
  },
  external({ external }, path, into) {
    if (!external) return;
    checkMetricName(external.metric.name, path, into);
    checkTarget(external.target, `${path}.target`, into);
    const { value, averageValue } = external.target;
    if (value === undefined && averageValue === undefined)
      into.push(
        required(`${path}.target.averageValue`, 'must set either a target value for metric or a per-pod target'),
      );
    if (value !== undefined && averageValue !== undefined)
      into.push(
        forbiddenField(`${path}.target.value`, 'may not set both a target value for metric and a per-pod target'),
      );
  },
  pods({ pods }, path, into) {
    if (!pods) return;
    checkMetricName(pods.metric.name, path, into);
    checkTarget(pods.target, `${path}.target`, into);
    if (pods.target.averageValue === undefined)
      into.push(required(`${path}.target.averageValue`, 'must specify a positive target averageValue'));
  },
  resource({ resource }, path, into) {
    if (!resource) return;
    if (!resource.name) into.push(required(`${path}.name`, 'must specify a resource name'));
    checkShare(resource.target, `${path}.target`, into);
  },
  containerResource({ containerResource: resource }, path, into) {
    if (!resource) return;
    if (!resource.name) into.push(required(`${path}.name`, 'must specify a resource name'));
    else checkContainerResourceName(resource.name, `${path}.name`, into);
    if (!resource.container) into.push(required(`${path}.container`, 'must specify a container'));
    else checkName(resource.container, dnsLabel, `${path}.container`, into);
    checkShare(resource.target, `${path}.target`, into);
  },
};

function checkMetricName(name: string, path: string, into: FieldError[]): void {
  if (name) checkName(name, pathSegment, `${path}.metric.name`, into);
  else into.push(required(`${path}.metric.name`, 'must specify a metric name'));
}

function checkShare(target: MetricTarget, path: string, into: FieldError[]): void {
  checkTarget(target, path, into);
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined)
    into.push(required(`${path}.averageUtilization`, RAW_OR_PART));
  if (averageUtilization !== undefined && averageValue !== undefined)
    into.push(forbiddenField(`${path}.averageValue`, 'may not set both a target raw value and a target utilization'));
}

function checkTarget(target: MetricTarget, path: string, into: FieldError[]): void {
  const { type = '', averageUtilization } = target;
  if (type === '') into.push(required(`${path}.type`, 'must specify a metric target type'));
  if (!TARGETS.includes(type))
    into.push(invalidValue(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  for (const field of ['value', 'averageValue'] as const) {
    const amount = target[field];
    if (amount !== undefined && quantityNanos(amount) <= 0n)
      into.push(invalidValue(`${path}.${field}`, amount, 'must be positive'));
  }
  if (averageUtilization !== undefined && averageUtilization < 1)
    into.push(invalidValue(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0'));
}

/** `takesCore` where the object may be of the first API, which has no group. */
export function checkReference(
  { kind, name, apiVersion = '' }: CrossVersionObjectReference,
  path: string,
  takesCore: boolean,
  into: FieldError[],
): void {
  checkNeededName(kind, pathSegment, `${path}.kind`, into);
  checkNeededName(name, pathSegment, `${path}.name`, into);
  const parts = apiVersion.split('/');
  const field = `${path}.apiVersion`;
  if (parts.length > 2) into.push(invalidValue(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else if (!takesCore && (parts.length < 2 || parts[0] === ''))
    into.push(invalidValue(field, apiVersion, 'apiVersion must specify API group'));
}

import { matchesSelector } from '#common/kinds/selector';
import type { LabelSelector, PodTemplateSpec } from '#common/kube/types';
import { validatePodTemplate } from '../core/pod';
import { invalidValue, must, notSupported, type FieldError } from '../field-errors';
import { labelErrors } from '../metadata-rules';

/** A number that counts something. */
export function notNegative(value: number | undefined, path: string): FieldError[] {
  return must(value === undefined || value >= 0, () => invalidValue(path, value, 'must be greater than or equal to 0'));
}

/** The template of a workload whose Pods restart for ever, and which must find them again. */
export function validateTemplate(
  template: PodTemplateSpec | undefined,
  selector: LabelSelector | undefined,
): FieldError[] {
  const path = 'spec.template';
  const labels = template?.metadata?.labels;
  const policy = template?.spec?.restartPolicy;
  return [
    ...must(!selector || matchesSelector(selector as never, { metadata: labels ? { labels } : {} }), () =>
      invalidValue(`${path}.metadata.labels`, labels ?? {}, '`selector` does not match template `labels`'),
    ),
    ...labelErrors(labels, `${path}.metadata.labels`),
    ...validatePodTemplate(template, path),
    ...must(!policy || policy === 'Always', () => notSupported(`${path}.spec.restartPolicy`, policy, ['Always'])),
  ];
}

/** An absolute number or a percentage, as maxSurge and maxUnavailable are. */
export function intOrPercent(value: number | string | undefined, path: string): FieldError[] {
  if (typeof value === 'string') {
    return must(/^[0-9]+%$/.test(value), () =>
      invalidValue(
        path,
        value,
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ),
    );
  }
  return notNegative(value, path);
}

import type { LabelSelector } from '#common/kube/types';
import { forbiddenField, invalidValue, must, required, type FieldError } from './field-errors';
import { labelErrors } from './metadata-rules';
import { qualifiedName } from './names';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** The rules of a meta/v1 LabelSelector. */
export function validateLabelSelector(selector: LabelSelector | undefined, path: string): FieldError[] {
  if (!selector) return [];
  return [
    ...labelErrors(selector.matchLabels, `${path}.matchLabels`),
    ...(selector.matchExpressions ?? []).flatMap(({ key, operator, values }, at) => {
      const here = `${path}.matchExpressions[${at}]`;
      const count = values?.length ?? 0;
      const listed = operator === 'In' || operator === 'NotIn';
      return [
        ...must(OPERATORS.includes(operator), () =>
          invalidValue(`${here}.operator`, operator, 'not a valid selector operator'),
        ),
        ...must(!listed || count > 0, () =>
          required(`${here}.values`, "must be specified when `operator` is 'In' or 'NotIn'"),
        ),
        ...must(listed || count === 0, () =>
          forbiddenField(`${here}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        ),
        ...qualifiedName(key).map((text) => invalidValue(`${here}.key`, key, text)),
      ];
    }),
  ];
}

/** A workload's selector must be there and must not select everything. */
export function validateWorkloadSelector(selector: LabelSelector | undefined, kind: string): FieldError[] {
  if (!selector) return [required('spec.selector')];
  const isEmpty = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0;
  return [
    ...validateLabelSelector(selector, 'spec.selector'),
    ...must(!isEmpty, () => invalidValue('spec.selector', selector, `empty selector is invalid for ${kind}`)),
  ];
}

import type { LabelSelector } from '#common/kube/types';
import { eachInvalid, forbiddenField, invalidValue, must, required, type FieldError } from './field-errors';
import { checkLabels, labelErrors } from './metadata-rules';
import { labelValue, qualifiedName } from './names';

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

/** The rules of a meta/v1 LabelSelector, values among them. */
export function checkLabelSelector(selector: LabelSelector | undefined, path: string, into: FieldError[]): void {
  if (!selector) return;
  checkLabels(selector.matchLabels, `${path}.matchLabels`, into);
  for (const [at, { key, operator, values = [] }] of (selector.matchExpressions ?? []).entries()) {
    const here = `${path}.matchExpressions[${at}]`;
    checkOperator(operator, values, here, into);
    eachInvalid(into, `${here}.key`, key, qualifiedName(key));
    for (const [index, value] of values.entries())
      eachInvalid(into, `${here}.values[${index}]`, value, labelValue(value));
  }
}

function checkOperator(operator: string, values: readonly string[], path: string, into: FieldError[]): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0)
      into.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      into.push(forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else into.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'));
}

/** Whether requirements can be made of it: the server goes no further with a selector that it cannot read. */
export function isReadable({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  const labels: FieldError[] = [];
  checkLabels(matchLabels, '', labels);
  return labels.length === 0 && matchExpressions.every(isReadableRequirement);
}

function isReadableRequirement({ key, operator, values = [] }: NonNullable<LabelSelector['matchExpressions']>[number]) {
  const errors: FieldError[] = [];
  checkOperator(operator, values, '', errors);
  const areNames = qualifiedName(key).length === 0 && values.every((value) => labelValue(value).length === 0);
  return errors.length === 0 && areNames;
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

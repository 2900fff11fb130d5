/** The rules of terms that select nodes: affinity of Pods and of volumes. */
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '#common/kube/types';
import { eachInvalid, forbiddenField, invalidValue, required, type FieldError } from '../field-errors';
import { dnsSubdomain, labelValue, qualifiedName } from '../names';

export function checkNodeSelector({ nodeSelectorTerms }: NodeSelector, path: string, into: FieldError[]): void {
  const here = `${path}.nodeSelectorTerms`;
  if (!nodeSelectorTerms?.length) into.push(required(here, 'must have at least one node selector term'));
  else for (const [at, term] of nodeSelectorTerms.entries()) checkNodeSelectorTerm(term, `${here}[${at}]`, into);
}

/** `strict`: values must be values of labels. Preferences may hold others. */
export function checkNodeSelectorTerm(term: NodeSelectorTerm, path: string, into: FieldError[], strict = true): void {
  for (const [at, one] of (term.matchExpressions ?? []).entries())
    checkRequirement(one, `${path}.matchExpressions[${at}]`, into, strict);
  for (const [at, one] of (term.matchFields ?? []).entries())
    checkFieldRequirement(one, `${path}.matchFields[${at}]`, into);
}

const UNKNOWN_OPERATOR = 'not a valid selector operator';

function checkRequirement(
  { key, operator, values = [] }: NodeSelectorRequirement,
  path: string,
  into: FieldError[],
  strict: boolean,
): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0)
      into.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      into.push(forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1)
      into.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
  } else into.push(invalidValue(`${path}.operator`, operator, UNKNOWN_OPERATOR));
  eachInvalid(into, `${path}.key`, key, qualifiedName(key));
  if (!strict) return;
  for (const [at, value] of values.entries()) eachInvalid(into, `${path}.values[${at}]`, value, labelValue(value));
}

function checkFieldRequirement(
  { key, operator, values = [] }: NodeSelectorRequirement,
  path: string,
  into: FieldError[],
): void {
  if (operator !== 'In' && operator !== 'NotIn')
    into.push(invalidValue(`${path}.operator`, operator, UNKNOWN_OPERATOR));
  else if (values.length !== 1)
    into.push(
      required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"),
    );
  if (key !== 'metadata.name') into.push(invalidValue(`${path}.key`, key, 'not a valid field selector key'));
  else
    for (const [at, value] of values.entries()) eachInvalid(into, `${path}.values[${at}]`, value, dnsSubdomain(value));
}

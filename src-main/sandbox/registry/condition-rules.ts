import type { Condition } from '#common/kube/types';
import {
  duplicateValue,
  eachInvalid,
  invalidValue,
  notSupported,
  required,
  tooLong,
  type FieldError,
} from './field-errors';
import { qualifiedName } from './names';

const STATES = ['False', 'True', 'Unknown'];
const REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const reasonPattern = new RegExp(`^${REASON}$`);
const REASON_TEXT = `a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${REASON}')`;

/** The rules of meta/v1 Conditions. */
export function checkConditions(conditions: readonly Condition[], path: string, into: FieldError[]): void {
  for (const [at, condition] of conditions.entries()) {
    const here = `${path}[${at}]`;
    if (conditions.findIndex(({ type }) => type === condition.type) < at)
      into.push(duplicateValue(`${here}.type`, condition.type));
    checkCondition(condition, here, into);
  }
}

function checkCondition(condition: Condition, path: string, into: FieldError[]): void {
  const { type = '', status = '', observedGeneration = 0, lastTransitionTime, reason = '', message = '' } = condition;
  if (type === '') into.push(required(`${path}.type`, 'must be set'));
  else eachInvalid(into, `${path}.type`, type, qualifiedName(type));
  if (!STATES.includes(status)) into.push(notSupported(`${path}.status`, status, STATES));
  if (observedGeneration < 0)
    into.push(invalidValue(`${path}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero'));
  if (!lastTransitionTime) into.push(required(`${path}.lastTransitionTime`, 'must be set'));
  if (reason === '') into.push(required(`${path}.reason`, 'must be set'));
  else if (!reasonPattern.test(reason)) into.push(invalidValue(`${path}.reason`, reason, REASON_TEXT));
  if (reason.length > 1024) into.push(tooLong(`${path}.reason`, 1024));
  if (message.length > 32_768) into.push(tooLong(`${path}.message`, 32_768));
}

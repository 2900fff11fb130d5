import { LimitRanges } from '#common/kube/resources';
import type { LimitRange, LimitRangeItem } from '#common/kube/types';
import { quantityNanos } from '#main/sandbox/machinery/quantity';
import { emptyAsNull } from '../empty-lists';
import { duplicateValue, forbiddenField, invalidValue, required, type FieldError } from '../field-errors';
import { checkMetadata } from '../metadata-rules';
import { dnsSubdomain, qualifiedName } from '../names';
import { defineStrategy } from '../strategy';
import { newUid } from '../uid';
import { checkName } from '../value-rules';
import { allowsOvercommit, checkContainerResourceName, checkResourceName, milliOf } from './resource-rules';

const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim'];

export const limitRangeStrategy = defineStrategy<LimitRange>({
  resource: LimitRanges,
  prepareForCreate({ metadata, spec }, { random }) {
    if (!metadata.name) metadata.name = newUid(random);
    emptyAsNull(spec, 'limits');
  },
  update: { prepare: ({ spec }) => emptyAsNull(spec, 'limits') },
  checks: { create: checkLimitRange, update: (next, _current, into) => checkLimitRange(next, into) },
});

function checkLimitRange({ metadata, spec }: LimitRange, into: FieldError[]): void {
  checkMetadata(metadata, dnsSubdomain, into);
  const types = new Set<string>();
  for (const [at, item] of (spec?.limits ?? []).entries()) {
    const path = `spec.limits[${at}]`;
    checkType(item.type, `${path}.type`, into);
    if (types.has(item.type)) into.push(duplicateValue(`${path}.type`, item.type));
    types.add(item.type);
    checkItem(item, path, into);
  }
}

function checkType(type: string, path: string, into: FieldError[]): void {
  const before = into.length;
  checkName(type, qualifiedName, path, into);
  if (into.length === before && !type.includes('/') && !TYPES.includes(type))
    into.push(invalidValue(path, type, 'must be a standard limit type or fully qualified'));
}

type Amounts = Readonly<Record<string, string>>;

function checkItem(item: LimitRangeItem, path: string, into: FieldError[]): void {
  const {
    type,
    max = {},
    min = {},
    default: limits = {},
    defaultRequest = {},
    maxLimitRequestRatio: ratios = {},
  } = item;
  const checkNames = (amounts: Amounts, field: string): void => {
    for (const name of Object.keys(amounts)) {
      const here = `${path}.${field}[${name}]`;
      if (type === 'Pod' || type === 'Container') checkContainerResourceName(name, here, into);
      else checkResourceName(name, here, into);
    }
  };
  checkNames(max, 'max');
  checkNames(min, 'min');
  if (type === 'Pod') {
    const detail = "may not be specified when `type` is 'Pod'";
    if (Object.keys(limits).length > 0) into.push(forbiddenField(`${path}.default`, detail));
    if (Object.keys(defaultRequest).length > 0) into.push(forbiddenField(`${path}.defaultRequest`, detail));
  } else {
    checkNames(limits, 'default');
    checkNames(defaultRequest, 'defaultRequest');
  }
  if (type === 'PersistentVolumeClaim' && min['storage'] === undefined && max['storage'] === undefined) {
    const detail = 'either minimum or maximum storage value is required, but neither was provided';
    into.push(required(`${path}.limits`, detail));
  }
  checkNames(ratios, 'maxLimitRequestRatio');
  const given = type === 'Pod' ? [max, min, ratios] : [max, min, limits, defaultRequest, ratios];
  for (const name of new Set(given.flatMap((amounts) => Object.keys(amounts))))
    checkBounds(
      {
        name,
        min: min[name],
        max: max[name],
        limit: type === 'Pod' ? undefined : limits[name],
        request: type === 'Pod' ? undefined : defaultRequest[name],
        ratio: ratios[name],
      },
      path,
      into,
    );
}

interface Bounds {
  name: string;
  min: string | undefined;
  max: string | undefined;
  limit: string | undefined;
  request: string | undefined;
  ratio: string | undefined;
}

const isAbove = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && quantityNanos(a) > quantityNanos(b);

function checkBounds({ name, min, max, limit, request, ratio }: Bounds, path: string, into: FieldError[]): void {
  const refuse = (field: string, value: string | undefined, detail: string) =>
    into.push(invalidValue(`${path}.${field}[${name}]`, value, detail));
  if (isAbove(min, max)) refuse('min', min, `min value ${min} is greater than max value ${max}`);
  if (isAbove(min, request))
    refuse('defaultRequest', request, `min value ${min} is greater than default request value ${request}`);
  if (isAbove(request, max))
    refuse('defaultRequest', request, `default request value ${request} is greater than max value ${max}`);
  if (isAbove(request, limit))
    refuse('defaultRequest', request, `default request value ${request} is greater than default limit value ${limit}`);
  if (isAbove(min, limit)) refuse('default', min, `min value ${min} is greater than default value ${limit}`);
  if (isAbove(limit, max)) refuse('default', max, `default value ${limit} is greater than max value ${max}`);
  if (ratio !== undefined) checkRatio({ min, max, ratio }, (detail) => refuse('maxLimitRequestRatio', ratio, detail));
  const isFixed = !allowsOvercommit(name) && limit !== undefined && request !== undefined;
  if (isFixed && quantityNanos(limit) !== quantityNanos(request))
    refuse(
      'defaultRequest',
      request,
      `default value ${limit} must equal to defaultRequest value ${request} in ${name}`,
    );
}

function checkRatio(
  { min, max, ratio }: { min: string | undefined; max: string | undefined; ratio: string },
  refuse: (detail: string) => void,
): void {
  if (quantityNanos(ratio) < 1_000_000_000n) refuse(`ratio ${ratio} is less than 1`);
  if (min === undefined || max === undefined) return;
  const most = Number(milliOf(max)) / Number(milliOf(min));
  if (Number(milliOf(ratio)) / 1000 > most) refuse(`ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`);
}

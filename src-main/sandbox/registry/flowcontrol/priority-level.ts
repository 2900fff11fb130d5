/** flowcontrol.apiserver.k8s.io PriorityLevelConfiguration: how many requests of a level are served at a time. */
import { PriorityLevelConfigurations } from '#common/kube/resources';
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  QueuingConfiguration,
} from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { forbiddenField, invalidValue, must, notSupported, required, type FieldError } from '../field-errors';
import { defineStrategy, type Strategy } from '../strategy';
import { conditionErrors, mandatorySpec } from './fixed-objects';

const MOST_QUEUES = 10_000_000;
/** Bits of the hash by which requests are dealt to queues. */
const HASH_BITS = 60;

/** `onChange` is told when a level comes or goes: schemas that name it are not dangling any more, or are. */
export function priorityLevelStrategy(onChange: () => void): Strategy {
  return defineStrategy<PriorityLevelConfiguration>({
    resource: PriorityLevelConfigurations,
    validate: priorityLevelErrors,
    subresources: { status: { validate: ({ status }) => conditionErrors(status?.conditions) } },
    afterCreate: onChange,
    afterDelete: onChange,
  });
}

function priorityLevelErrors({ metadata, spec, status }: PriorityLevelConfiguration): FieldError[] {
  const { name } = metadata;
  return [...specErrors(spec, name), ...fixedErrors(spec, name), ...conditionErrors(status?.conditions)];
}

type Spec = PriorityLevelConfiguration['spec'];

/** Of `exempt` the amounts may be changed, of `catch-all` nothing. */
function fixedErrors(spec: Spec, name: string): FieldError[] {
  const fixed = mandatorySpec('PriorityLevelConfiguration', name) as Spec | undefined;
  if (!fixed) return [];
  if (name !== 'exempt') {
    return must(sameValue(spec, fixed), () =>
      invalidValue('spec', spec, `spec of '${name}' must equal the fixed value`),
    );
  }
  const { exempt: _exempt, ...rest } = spec;
  const { exempt: _fixed, ...fixedRest } = fixed;
  const detail = `spec of '${name}' except the 'spec.exempt' field must equal the fixed value`;
  return must(sameValue(rest, fixedRest), () => invalidValue('spec', spec, detail));
}

function specErrors({ type, limited, exempt }: Spec, name: string): FieldError[] {
  const named = must((name === 'exempt') === (type === 'Exempt'), () =>
    invalidValue('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"),
  );
  switch (type) {
    case 'Exempt':
      return [
        ...named,
        ...must(!limited, () => forbiddenField('spec.limited', 'must be nil if the type is not Limited')),
        ...(exempt ? exemptErrors(exempt, 'spec.exempt') : []),
      ];
    case 'Limited':
      return [
        ...named,
        ...must(!exempt, () => forbiddenField('spec.exempt', 'must be nil if the type is Limited')),
        ...(limited
          ? limitedErrors(limited, 'spec.limited')
          : [required('spec.limited', 'must not be empty when type is Limited')]),
      ];
    default:
      return [...named, type ? notSupported('spec.type', type, ['Exempt', 'Limited']) : required('spec.type')];
  }
}

function exemptErrors(level: ExemptPriorityLevelConfiguration, path: string): FieldError[] {
  const { nominalConcurrencyShares: shares = 0, lendablePercent = 0 } = level;
  return [...sharesErrors(shares, path), ...lendableErrors(lendablePercent, path)];
}

function limitedErrors(level: LimitedPriorityLevelConfiguration, path: string): FieldError[] {
  const { nominalConcurrencyShares: shares = 0, lendablePercent = 0, borrowingLimitPercent = 0 } = level;
  return [
    ...sharesErrors(shares, path),
    ...responseErrors(level.limitResponse, `${path}.limitResponse`),
    ...lendableErrors(lendablePercent, path),
    ...must(borrowingLimitPercent >= 0, () =>
      invalidValue(
        `${path}.borrowingLimitPercent`,
        borrowingLimitPercent,
        'if specified, must be a non-negative integer',
      ),
    ),
  ];
}

const sharesErrors = (shares: number, path: string) =>
  must(shares >= 0, () => invalidValue(`${path}.nominalConcurrencyShares`, shares, 'must be a non-negative integer'));

const lendableErrors = (percent: number, path: string) =>
  must(percent >= 0 && percent <= 100, () =>
    invalidValue(`${path}.lendablePercent`, percent, 'must be between 0 and 100, inclusive'),
  );

function responseErrors(response: LimitResponse | undefined, path: string): FieldError[] {
  const { type = '', queuing } = response ?? {};
  if (type === 'Reject') {
    const detail = 'must be nil if limited.limitResponse.type is not Limited';
    return must(!queuing, () => forbiddenField(`${path}.queuing`, detail));
  }
  if (type !== 'Queue')
    return [type ? notSupported(`${path}.type`, type, ['Queue', 'Reject']) : required(`${path}.type`)];
  if (!queuing) return [required(`${path}.queuing`, 'must not be empty if limited.limitResponse.type is Limited')];
  return queuingErrors(queuing, `${path}.queuing`);
}

function queuingErrors(queuing: QueuingConfiguration, path: string): FieldError[] {
  const { queueLengthLimit = 0, queues = 0, handSize = 0 } = queuing;
  const error = (field: string, value: number, detail: string) => [invalidValue(`${path}.${field}`, value, detail)];
  return [
    ...(queueLengthLimit > 0 ? [] : error('queueLengthLimit', queueLengthLimit, 'must be positive')),
    ...(queues > 0 ? [] : error('queues', queues, 'must be positive')),
    ...(queues > MOST_QUEUES ? error('queues', queues, `must not be greater than ${MOST_QUEUES}`) : []),
    ...handErrors(handSize, queues).flatMap((detail) => error('handSize', handSize, detail)),
  ];
}

function handErrors(handSize: number, queues: number): string[] {
  if (handSize <= 0) return ['must be positive'];
  if (handSize > queues) return [`should not be greater than queues (${queues})`];
  if (entropyBits(queues, handSize) <= HASH_BITS) return [];
  return [
    `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS}`,
  ];
}

/** A quick and slightly high estimate of the bits that tell every hand of a deck apart. */
function entropyBits(deckSize: number, handSize: number): number {
  return Math.ceil(Math.log2(deckSize) * handSize);
}

import { CSIDrivers } from '#common/kube/resources';
import type { CSIDriver, CSIDriverSpec } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { duplicateValue, invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy } from '../strategy';
import { checkOptionalWord, checkUnchanged } from '../value-rules';

const MODES = ['Persistent', 'Ephemeral'];
const GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const SHORTEST_TOKEN = 600;
const LONGEST_TOKEN = 2 ** 32;
const IN_SECRETS =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes';

export const csiDriverStrategy = defineStrategy<CSIDriver>({
  resource: CSIDrivers,
  prepareForCreate: withoutScaling,
  update: {
    /** The generation begins with the first change. */
    prepare(next, current) {
      withoutScaling(next);
      if (!sameValue(next.spec, current.spec)) next.metadata.generation = (current.metadata.generation ?? 0) + 1;
    },
  },
  checks: {
    create({ metadata, spec }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkSpec(spec, into);
    },
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkSpec(next.spec, into);
      checkUnchanged(next.spec.attachRequired, current.spec.attachRequired, 'spec.attachedRequired', into);
      checkUnchanged(
        next.spec.volumeLifecycleModes,
        current.spec.volumeLifecycleModes,
        'spec.volumeLifecycleModes',
        into,
      );
    },
  },
  warnings({ spec: { tokenRequests = [], serviceAccountTokenInSecrets } }, before) {
    const isSame = before && sameValue(tokenRequests, before.spec.tokenRequests ?? []);
    return isSame || tokenRequests.length === 0 || serviceAccountTokenInSecrets !== undefined ? [] : [IN_SECRETS];
  },
});

/** Closed to everybody yet. */
function withoutScaling({ spec }: CSIDriver): void {
  delete spec.preventPodSchedulingIfMissing;
}

function checkSpec(spec: CSIDriverSpec, into: FieldError[]): void {
  const { nodeAllocatableUpdatePeriodSeconds: period, serviceAccountTokenInSecrets, tokenRequests = [] } = spec;
  if (spec.attachRequired === undefined) into.push(required('spec.attachedRequired'));
  if (spec.podInfoOnMount === undefined) into.push(required('spec.podInfoOnMount'));
  if (spec.storageCapacity === undefined) into.push(required('spec.storageCapacity'));
  checkOptionalWord(spec.fsGroupPolicy, GROUP_POLICIES, 'spec.fsGroupPolicy', into);
  checkTokens(tokenRequests, 'spec.tokenRequests', into);
  for (const mode of spec.volumeLifecycleModes ?? [])
    if (!MODES.includes(mode)) into.push(notSupported('spec.volumeLifecycleModes', mode, MODES));
  if (spec.seLinuxMount === undefined) into.push(required('spec.seLinuxMount'));
  if (period !== undefined && period < 10)
    into.push(
      invalidValue('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds'),
    );
  if (serviceAccountTokenInSecrets !== undefined && tokenRequests.length === 0)
    into.push(
      invalidValue(
        'spec.serviceAccountTokenInSecrets',
        serviceAccountTokenInSecrets,
        'serviceAccountTokenInSecrets is set but no tokenRequests are specified',
      ),
    );
}

function checkTokens(requests: NonNullable<CSIDriverSpec['tokenRequests']>, path: string, into: FieldError[]): void {
  const audiences = new Set<string>();
  for (const [at, { audience, expirationSeconds: seconds }] of requests.entries()) {
    const here = `${path}[${at}]`;
    if (audiences.has(audience)) {
      into.push(duplicateValue(`${here}.audience`, audience));
      continue;
    }
    audiences.add(audience);
    if (seconds === undefined) continue;
    const field = `${here}.expirationSeconds`;
    if (seconds < SHORTEST_TOKEN)
      into.push(invalidValue(field, seconds, 'may not specify a duration less than 10 minutes'));
    if (seconds > LONGEST_TOKEN)
      into.push(invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
}

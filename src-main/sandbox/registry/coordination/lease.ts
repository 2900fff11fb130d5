import { Leases } from '#common/kube/resources';
import type { Lease, LeaseSpec } from '#common/kube/types';
import { invalidValue, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy } from '../strategy';
import { checkNotNegative } from '../value-rules';

export const leaseStrategy = defineStrategy<Lease>({
  resource: Leases,
  prepareForCreate: withoutStrategy,
  update: { prepare: withoutStrategy },
  checks: {
    create({ metadata, spec = {} }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkSpec(spec, into);
    },
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkSpec(next.spec ?? {}, into);
    },
  },
});

function checkSpec({ leaseDurationSeconds: seconds, leaseTransitions }: LeaseSpec, into: FieldError[]): void {
  if (seconds !== undefined && seconds <= 0)
    into.push(invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0'));
  checkNotNegative(leaseTransitions, 'spec.leaseTransitions', into);
}

/** Coordinated elections are not open to anybody yet. */
function withoutStrategy({ spec }: Lease): void {
  if (!spec) return;
  delete spec.strategy;
  delete spec.preferredHolder;
}

import { ServiceCIDRs } from '#common/kube/resources';
import type { ServiceCIDR } from '#common/kube/types';
import { invalidValue, required, type FieldError } from '../field-errors';
import { checkCanonicalCidr, parseCidr } from '../ip-rules';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy } from '../strategy';

const FIELD = 'spec.cidrs';
const ONE_EACH = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
const IMMUTABLE = 'field is immutable';

export const serviceCidrStrategy = defineStrategy<ServiceCIDR>({
  resource: ServiceCIDRs,
  checks: {
    create({ metadata, spec }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkRanges(spec?.cidrs ?? [], into);
    },
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkChange(next.spec?.cidrs ?? [], current.spec?.cidrs ?? [], into);
    },
  },
});

function checkRanges(ranges: readonly string[], into: FieldError[]): void {
  if (ranges.length === 0) into.push(required(FIELD, 'at least one CIDR required'));
  else if (ranges.length > 2) into.push(invalidValue(FIELD, { CIDRs: ranges }, 'may only hold up to 2 values'));
  else {
    for (const [at, range] of ranges.entries()) checkCanonicalCidr(range, `${FIELD}[${at}]`, into);
    const [first, second] = ranges.map((range) => parseCidr(range)?.address.family);
    if (first !== undefined && first === second) into.push(invalidValue(FIELD, ranges, ONE_EACH));
  }
}

/** A second family may come later. */
function checkChange(next: readonly string[], current: readonly string[], into: FieldError[]): void {
  const grows = current.length === 1 && next.length === 2;
  if (!grows && next.length !== current.length) {
    into.push(invalidValue(FIELD, next, IMMUTABLE));
    return;
  }
  for (const [at, range] of current.entries())
    if (next[at] !== range) into.push(invalidValue(`${FIELD}[${at}]`, next[at], IMMUTABLE));
  if (grows) checkRanges(next, into);
}

import { IPAddresses } from '#common/kube/resources';
import type { IPAddress, ParentReference } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { invalidValue, required, type FieldError } from '../field-errors';
import { addressName } from '../ip-rules';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain, pathSegment } from '../names';
import { defineStrategy } from '../strategy';
import { checkName, checkNeededName } from '../value-rules';

export const ipAddressStrategy = defineStrategy<IPAddress>({
  resource: IPAddresses,
  checks: {
    create({ metadata, spec }, into) {
      checkMetadata(metadata, addressName, into);
      if (spec?.parentRef) checkParent(spec.parentRef, 'spec.parentRef', into);
      else into.push(required('spec.parentRef'));
    },
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      const parent = next.spec?.parentRef;
      if (!sameValue(parent, current.spec?.parentRef))
        into.push(invalidValue('spec.parentRef', parent ? inGo(parent) : null, 'field is immutable'));
    },
  },
});

function checkParent({ group, resource, namespace, name }: ParentReference, path: string, into: FieldError[]): void {
  if (group) checkName(group, dnsSubdomain, `${path}.group`, into);
  checkNeededName(resource, pathSegment, `${path}.resource`, into);
  checkNeededName(name, pathSegment, `${path}.name`, into);
  if (namespace) checkName(namespace, pathSegment, `${path}.namespace`, into);
}

const inGo = ({ group = '', resource = '', namespace = '', name = '' }: Partial<ParentReference>): object => ({
  Group: group,
  Resource: resource,
  Namespace: namespace,
  Name: name,
});

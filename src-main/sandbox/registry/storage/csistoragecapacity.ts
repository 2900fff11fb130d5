import { CSIStorageCapacities } from '#common/kube/resources';
import type { CSIStorageCapacity } from '#common/kube/types';
import { deprecationOf } from '../core/node-labels';
import type { FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { checkLabelSelector } from '../selector-rules';
import { defineStrategy } from '../strategy';
import { checkName, checkQuantity, checkUnchanged } from '../value-rules';

export const csiStorageCapacityStrategy = defineStrategy<CSIStorageCapacity>({
  resource: CSIStorageCapacities,
  checks: {
    create: checkCapacity,
    update(next, current, into) {
      checkCapacity(next, into);
      checkMetadataUpdate(next.metadata, current.metadata, into);
      for (const field of ['nodeTopology', 'storageClassName'] as const)
        checkUnchanged(next[field] ?? null, current[field] ?? null, field, into);
    },
  },
  warnings({ nodeTopology: { matchLabels = {}, matchExpressions = [] } = {} }) {
    const said = (label: string, path: string) => {
      const instead = deprecationOf(label);
      return instead ? [`nodeTopology.${path}: ${instead}`] : [];
    };
    return [
      ...matchExpressions.flatMap(({ key }, at) => said(key, `matchExpressions[${at}].key`)),
      ...Object.keys(matchLabels).flatMap((label) => said(label, `matchLabels.${label}`)),
    ];
  },
});

function checkCapacity(object: CSIStorageCapacity, into: FieldError[]): void {
  checkMetadata(object.metadata, dnsSubdomain, into);
  checkLabelSelector(object.nodeTopology, 'nodeTopology', into);
  checkName(object.storageClassName ?? '', dnsSubdomain, 'storageClassName', into);
  if (object.capacity !== undefined) checkQuantity(object.capacity, 'capacity', into);
}

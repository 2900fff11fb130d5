import { VolumeAttributesClasses } from '#common/kube/resources';
import type { VolumeAttributesClass } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { forbiddenField, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy } from '../strategy';
import { checkParameters, checkProvisioner } from './parameter-rules';

export const volumeAttributesClassStrategy = defineStrategy<VolumeAttributesClass>({
  resource: VolumeAttributesClasses,
  checks: {
    create: checkClass,
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      for (const field of ['driverName', 'parameters'] as const)
        if (!sameValue(next[field], current[field]))
          into.push(forbiddenField(field, `updates to ${field} are forbidden.`));
      checkClass(next, into);
    },
  },
});

function checkClass({ metadata, driverName, parameters }: VolumeAttributesClass, into: FieldError[]): void {
  checkMetadata(metadata, dnsSubdomain, into);
  checkProvisioner(driverName, 'driverName', into);
  checkParameters(parameters, true, 'parameters', into);
}

import { ControllerRevisions } from '#common/kube/resources';
import { required } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy } from '../strategy';
import { checkNotNegative, checkUnchanged } from '../value-rules';

export const controllerRevisionStrategy = defineStrategy({
  resource: ControllerRevisions,
  checks: {
    create({ metadata, revision, data }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkNotNegative(revision, 'revision', into);
      if (data === undefined || data === null) into.push(required('data', 'data is mandatory'));
      else if (typeof data !== 'object' || Array.isArray(data))
        into.push(required('data', 'data must be a valid JSON object'));
    },
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkMetadata(next.metadata, dnsSubdomain, into);
      checkNotNegative(next.revision, 'revision', into);
      checkUnchanged(next.data, current.data, 'data', into);
    },
  },
});

import { Namespaces } from '#common/kube/resources';
import { eachInvalid, invalidValue, type FieldError } from '../field-errors';
import { checkBareFinalizer, checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsLabel, qualifiedName } from '../names';
import { defineStrategy, gathered } from '../strategy';

const NAMESPACE_FINALIZER = 'kubernetes';

export const namespaceStrategy = defineStrategy({
  resource: Namespaces,
  names: dnsLabel,

  prepareForCreate(draft) {
    const finalizers = draft.spec?.finalizers ?? [];
    draft.spec = {
      finalizers: finalizers.includes(NAMESPACE_FINALIZER) ? finalizers : [...finalizers, NAMESPACE_FINALIZER],
    };
    draft.status = { phase: 'Active' };
  },

  checks: {
    create({ metadata, spec }, into) {
      checkMetadata(metadata, dnsLabel, into);
      for (const name of spec?.finalizers ?? []) checkFinalizer(name, 'spec.finalizers', into);
    },
    update(next, current, into) {
      checkMetadata(next.metadata, dnsLabel, into);
      for (const name of next.spec?.finalizers ?? []) checkFinalizer(name, 'spec.finalizers', into);
      checkMetadataUpdate(next.metadata, current.metadata, into);
    },
  },
  update: {
    prepare(next, current) {
      next.spec = current.spec;
    },
  },

  subresources: {
    /** Only the namespace controller's word that the content is gone comes in here. */
    finalize: {
      prepare(next, current) {
        next.status = current.status ?? {};
      },
      validate: gathered(({ spec }, _current, into) => {
        for (const [at, name] of (spec?.finalizers ?? []).entries())
          checkFinalizer(name, `spec.finalizers[${at}]`, into);
      }),
    },
    status: {
      validate: gathered(({ metadata, status }, _current, into) => {
        const wanted = metadata.deletionTimestamp ? 'Terminating' : 'Active';
        const detail = `may only be '${wanted}' if \`deletionTimestamp\` is ${metadata.deletionTimestamp ? 'not ' : ''}empty`;
        if (status?.phase !== wanted) into.push(invalidValue('status.Phase', status?.phase ?? '', detail));
      }),
    },
  },

  prepareForDelete(draft) {
    draft.status = { ...draft.status, phase: 'Terminating' };
  },
  holdsDeletion: ({ spec }) => (spec?.finalizers?.length ?? 0) > 0,
  selectableFields: ({ metadata, status }) => ({ 'status.phase': status?.phase ?? '', name: metadata.name }),
});

function checkFinalizer(name: string, path: string, into: FieldError[]): void {
  eachInvalid(into, path, name, qualifiedName(name));
  checkBareFinalizer(name, path, into);
}

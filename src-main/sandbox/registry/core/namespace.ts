import { Namespaces } from '#common/kube/resources';
import { dnsLabel } from '../names';
import { defineStrategy } from '../strategy';

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
    },
  },

  prepareForDelete(draft) {
    draft.status = { ...draft.status, phase: 'Terminating' };
  },
  holdsDeletion: ({ spec }) => (spec?.finalizers?.length ?? 0) > 0,
  selectableFields: ({ status }) => ({ 'status.phase': status?.phase ?? '' }),
});

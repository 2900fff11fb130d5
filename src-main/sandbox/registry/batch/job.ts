import { Jobs } from '#common/kube/resources';
import type { Job } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { must, required } from '../field-errors';
import { immutable } from '../metadata-rules';
import { defineStrategy } from '../strategy';

const CONTROLLER_UID = 'batch.kubernetes.io/controller-uid';

/** A Job that brings no selector of its own selects its Pods by its uid. */
export const jobStrategy = defineStrategy({
  resource: Jobs,
  prepareForCreate(draft) {
    if (draft.spec.manualSelector !== true) generateSelector(draft);
  },
  update: {
    validate: (next, current) => [
      ...must(next.spec.selector !== undefined, () => required('spec.selector')),
      ...immutable('spec.selector', next.spec.selector, current.spec.selector),
    ],
  },
});

function generateSelector({ metadata, spec }: Job): void {
  const { template } = spec;
  const { name, uid } = metadata;
  const before = template.metadata?.labels;
  const labels = {
    'job-name': name,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    [CONTROLLER_UID]: uid,
    ...before,
  };
  // Labels that a Job has from its template go on following it.
  if (before && sameValue(metadata.labels, before)) metadata.labels = { ...labels };
  template.metadata = { ...template.metadata, labels };
  const { selector } = spec;
  spec.selector = { ...selector, matchLabels: { [CONTROLLER_UID]: uid, ...selector?.matchLabels } };
}

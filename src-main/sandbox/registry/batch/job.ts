import { Jobs } from '#common/kube/resources';
import type { Job } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { defineStrategy } from '../strategy';

const CONTROLLER_UID = 'batch.kubernetes.io/controller-uid';

/** A Job that brings no selector of its own selects its Pods by its uid. */
export const jobStrategy = defineStrategy({
  resource: Jobs,
  prepareForCreate(draft) {
    if (draft.spec.manualSelector !== true) generateSelector(draft);
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

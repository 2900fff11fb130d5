import { PodTemplates } from '#common/kube/resources';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy } from '../strategy';
import { checkPodTemplate } from './pod-rules';
import { templateWarnings } from './pod-warnings';

export const podTemplateStrategy = defineStrategy({
  resource: PodTemplates,
  checks: {
    create({ metadata, template }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkPodTemplate(template, 'template', into);
    },
    update({ metadata, template }, current, into) {
      checkMetadataUpdate(metadata, current.metadata, into);
      checkPodTemplate(template, 'template', into);
    },
  },
  warnings: ({ metadata, template }, before) =>
    before?.metadata.generation === metadata.generation ? [] : templateWarnings(template, 'template'),
});

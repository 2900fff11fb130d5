import type { PodTemplateSpec } from '#common/kube/types';
import { writeContainers } from './containers';
import type { DescribeWriter } from './describe-writer';
import { writeAnnotations, writeLabels, writeTolerations } from './metadata';
import { writeSpread } from './pod';
import { writeVolumes } from './volumes';

const indent = '  ';

export function writePodTemplate(writer: DescribeWriter, template: PodTemplateSpec | undefined): void {
  writer.line(0, 'Pod Template:');
  if (!template) {
    writer.line(1, '<unset>');
    return;
  }
  const { metadata, spec = { containers: [] } } = template;
  writeLabels(writer, `${indent}Labels`, metadata?.labels);
  if (Object.keys(metadata?.annotations ?? {}).length > 0) {
    writeAnnotations(writer, `${indent}Annotations`, metadata?.annotations);
  }
  writer.optional(1, 'Service Account', spec.serviceAccountName);
  if (spec.initContainers?.length) writeContainers(writer, 'Init Containers', spec.initContainers, { indent });
  writeContainers(writer, 'Containers', spec.containers, { indent });
  writeVolumes(writer, spec.volumes, indent);
  writeSpread(writer, spec.topologySpreadConstraints, indent);
  writer.optional(1, 'Priority Class Name', spec.priorityClassName);
  writeLabels(writer, `${indent}Node-Selectors`, spec.nodeSelector);
  writeTolerations(writer, spec.tolerations, indent);
}

import { VolumeAttachments } from '#common/kube/resources';
import type { VolumeAttachment, VolumeAttachmentSource, VolumeAttachmentSpec, VolumeError } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { checkPersistentVolumeSpec } from '../core/persistent-volume-rules';
import { checkCsiDriverName } from '../core/volume-source-rules';
import { forbiddenField, invalidValue, required, tooLong, type FieldError } from '../field-errors';
import { checkMetadata } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy, gathered } from '../strategy';
import { checkName } from '../value-rules';

const EXACTLY_ONE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
const LONGEST_MESSAGE = 1024;
/** What the refusal of a long message says. */
const LONGEST_SAID = 256 * 1024;

export const volumeAttachmentStrategy = defineStrategy<VolumeAttachment>({
  resource: VolumeAttachments,
  checks: {
    create: checkAttachment,
    update(next, current, into) {
      checkAttachment(next, into);
      if (!sameValue(next.spec, current.spec)) into.push(invalidValue('spec', inGo(next.spec), 'field is immutable'));
    },
  },
  subresources: { status: { validate: gathered((next, _current, into) => checkAttachment(next, into)) } },
});

const inGo = ({ attacher, nodeName, source }: VolumeAttachmentSpec): object => ({
  Attacher: attacher,
  Source: {
    PersistentVolumeName: source.persistentVolumeName ?? null,
    InlineVolumeSpec: source.inlineVolumeSpec ?? null,
  },
  NodeName: nodeName,
});

function checkAttachment({ metadata, spec, status }: VolumeAttachment, into: FieldError[]): void {
  checkMetadata(metadata, dnsSubdomain, into);
  const { attacher, nodeName = '', source } = spec;
  checkCsiDriverName(attacher, 'spec.attacher', into);
  checkSource(source, into);
  checkName(nodeName, dnsSubdomain, 'spec.nodeName', into);
  if (status?.attachError) checkError(status.attachError, 'status.attachError', into);
  if (status?.detachError) checkError(status.detachError, 'status.detachError', into);
  const { persistentVolumeName: volume } = source;
  if (volume !== undefined) checkName(volume, dnsSubdomain, 'spec.source.persistentVolumeName', into);
}

function checkSource(
  { persistentVolumeName: volume, inlineVolumeSpec: inline }: VolumeAttachmentSource,
  into: FieldError[],
): void {
  const path = 'spec.source';
  if (volume === undefined && !inline) into.push(required(path, EXACTLY_ONE));
  else if (volume !== undefined && inline) into.push(forbiddenField(path, EXACTLY_ONE));
  else if (inline) checkPersistentVolumeSpec(inline, `${path}.inlineVolumeSpec`, into);
  else if (volume === '')
    into.push(required(`${path}.persistentVolumeName`, 'must specify non empty persistentVolumeName'));
}

function checkError({ message = '', errorCode: code }: VolumeError, path: string, into: FieldError[]): void {
  if (message.length > LONGEST_MESSAGE) into.push(tooLong(`${path}.message`, LONGEST_SAID));
  if (code !== undefined && code < 0)
    into.push(invalidValue(`${path}.errorCode`, code, 'must be between 0 and 2147483647, inclusive'));
}

import type { AdmissionForm } from '#main/sandbox/admission/plugin';
import { builtInResources } from '#main/sandbox/machinery/schema';
import { resourceId, type Resource } from '#common/kube/resource';
import { conversions } from '#main/sandbox/registry/conversions';

type Place = Pick<Resource, 'group' | 'version' | 'plural'>;

let byStored: ReadonlyMap<string, readonly AdmissionForm[]> | undefined;
const NONE: readonly AdmissionForm[] = [];

/** In which other groups and versions of the release a stored resource is served. */
export function otherForms(place: Place): readonly AdmissionForm[] {
  byStored ??= formsByStored();
  return byStored.get(idOf(place)) ?? NONE;
}

const idOf = ({ group, version, plural }: Place): string => resourceId({ group, version, plural });

function formsByStored(): Map<string, AdmissionForm[]> {
  const forms = new Map<string, AdmissionForm[]>();
  for (const resource of builtInResources()) {
    const conversion = conversions.get(resourceId(resource));
    if (!conversion) continue;
    const { group, version, plural, kind } = resource;
    const { stored, toServed, toStored } = conversion;
    const form = { group, version, plural, kind, toServed, toStored };
    forms.set(stored, [...(forms.get(stored) ?? []), form]);
  }
  return forms;
}

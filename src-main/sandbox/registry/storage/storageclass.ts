import { StorageClasses } from '#common/kube/resources';
import type { StorageClass, TopologySelectorTerm } from '#common/kube/types';
import { deprecationOf } from '../core/node-labels';
import { duplicateValue, notSupported, required, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain, qualifiedName } from '../names';
import { defineStrategy } from '../strategy';
import { checkName, checkOptionalWord, checkUnchanged } from '../value-rules';
import { checkParameters, checkProvisioner } from './parameter-rules';

const POLICIES = ['Delete', 'Retain'];
const BINDINGS = ['Immediate', 'WaitForFirstConsumer'];

export const storageClassStrategy = defineStrategy<StorageClass>({
  resource: StorageClasses,
  checks: {
    create: checkClass,
    update(next, current, into) {
      checkClass(next, into);
      checkMetadataUpdate(next.metadata, current.metadata, into);
      for (const field of ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const)
        checkUnchanged(next[field] ?? null, current[field] ?? null, field, into);
    },
  },
  warnings: ({ allowedTopologies = [] }) =>
    allowedTopologies.flatMap(({ matchLabelExpressions = [] }, at) =>
      matchLabelExpressions.flatMap(({ key }, index) => {
        const instead = deprecationOf(key);
        const here = `allowedTopologies[${at}].matchLabelExpressions[${index}].key`;
        return instead ? [`${here}: ${instead}`] : [];
      }),
    ),
});

function checkClass(storage: StorageClass, into: FieldError[]): void {
  checkMetadata(storage.metadata, dnsSubdomain, into);
  checkProvisioner(storage.provisioner, 'provisioner', into);
  checkParameters(storage.parameters, false, 'parameters', into);
  if (storage.reclaimPolicy) checkOptionalWord(storage.reclaimPolicy, POLICIES, 'reclaimPolicy', into);
  const { volumeBindingMode: binding, allowedTopologies = [] } = storage;
  if (binding === undefined) into.push(required('volumeBindingMode'));
  else if (!BINDINGS.includes(binding)) into.push(notSupported('volumeBindingMode', binding, BINDINGS));
  const seen = new Set<string>();
  for (const [at, term] of allowedTopologies.entries()) {
    const here = `allowedTopologies[${at}].matchLabelExpressions`;
    checkTerm(term, here, into);
    const same = sortedText(term);
    if (seen.has(same)) into.push(duplicateValue(here, ''));
    seen.add(same);
  }
}

function checkTerm({ matchLabelExpressions = [] }: TopologySelectorTerm, path: string, into: FieldError[]): void {
  for (const [at, { key, values }] of matchLabelExpressions.entries()) {
    const here = `${path}[${at}]`;
    if (values.length === 0) into.push(required(`${here}.values`));
    for (const [index, value] of values.entries())
      if (values.indexOf(value) < index) into.push(duplicateValue(`${here}.values[${index}]`, value));
    checkName(key, qualifiedName, `${here}.key`, into);
    if (matchLabelExpressions.findIndex((other) => other.key === key) < at)
      into.push(duplicateValue(`${here}.key`, key));
  }
}

/** The same text for terms that say the same. */
const sortedText = ({ matchLabelExpressions = [] }: TopologySelectorTerm): string =>
  JSON.stringify(matchLabelExpressions.map(({ key, values }) => [key, [...new Set(values)].sort()]).sort());

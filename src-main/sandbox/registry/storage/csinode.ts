import { CSINodes } from '#common/kube/resources';
import type { CSINode, CSINodeDriver } from '#common/kube/types';
import { checkCsiDriverName } from '../core/volume-source-rules';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { emptyAsNull } from '../empty-lists';
import { duplicateValue, eachInvalid, invalidValue, required, type FieldError } from '../field-errors';
import { checkMetadata } from '../metadata-rules';
import { dnsSubdomain, qualifiedName } from '../names';
import { defineStrategy } from '../strategy';
import { checkNotNegative } from '../value-rules';

const LONGEST_ID = 256;

export const csiNodeStrategy = defineStrategy<CSINode>({
  resource: CSINodes,
  prepareForCreate: ({ spec }) => emptyAsNull(spec, 'drivers'),
  update: { prepare: ({ spec }) => emptyAsNull(spec, 'drivers') },
  checks: {
    create: checkNode,
    update(next, current, into) {
      checkNode(next, into);
      for (const old of current.spec?.drivers ?? [])
        for (const driver of next.spec?.drivers ?? [])
          if (driver.name === old.name && !sameValue(identity(driver), identity(old)))
            into.push(invalidValue('spec.drivers', inGo(driver), 'field is immutable'));
    },
  },
});

const identity = ({ allocatable: _allocatable, ...driver }: CSINodeDriver): object => driver;

const inGo = ({ name, nodeID, topologyKeys }: CSINodeDriver): object => ({
  Name: name,
  NodeID: nodeID,
  TopologyKeys: topologyKeys?.length ? topologyKeys : null,
  Allocatable: null,
});

function checkNode({ metadata, spec }: CSINode, into: FieldError[]): void {
  checkMetadata(metadata, dnsSubdomain, into);
  const drivers = spec?.drivers ?? [];
  for (const [at, driver] of drivers.entries()) {
    const here = `spec.drivers[${at}]`;
    checkCsiDriverName(driver.name, `${here}.name`, into);
    checkId(driver.nodeID, `${here}.nodeID`, into);
    checkNotNegative(driver.allocatable?.count, `${here}.allocatable.count`, into);
    if (drivers.findIndex(({ name }) => name === driver.name) < at)
      into.push(duplicateValue(`${here}.name`, driver.name));
    checkKeys(driver.topologyKeys ?? [], here, into);
  }
}

function checkId(id: string, path: string, into: FieldError[]): void {
  if (!id) into.push(required(path));
  else if (id.length > LONGEST_ID) into.push(invalidValue(path, id, `must be ${LONGEST_ID} characters or less`));
}

function checkKeys(keys: readonly string[], path: string, into: FieldError[]): void {
  for (const [at, key] of keys.entries()) {
    if (key === '') into.push(required(path));
    if (keys.indexOf(key) < at) into.push(duplicateValue(path, key));
    eachInvalid(into, path, key, qualifiedName(key));
  }
}

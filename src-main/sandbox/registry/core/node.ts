import { Nodes } from '#common/kube/resources';
import type { Node } from '#common/kube/types';
import { duplicateValue, eachInvalid, forbiddenField, invalidValue, type FieldError } from '../field-errors';
import { checkCidr, cidrWarnings, parseCidr } from '../ip-rules';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain, labelValue, qualifiedName } from '../names';
import { defineStrategy, gathered } from '../strategy';
import { checkTaintEffect } from './placement-rules';
import { checkAmount } from './resource-rules';

export const nodeStrategy = defineStrategy<Node>({
  resource: Nodes,
  /** A kubelet registers its node together with a first status. */
  keepsNewStatus: true,
  prepareForCreate({ spec, status }) {
    delete spec?.configSource;
    delete status?.config;
  },
  checks: {
    create: checkNode,
    update(next, current, into) {
      checkNode(next, into);
      checkChange(next, current, into);
    },
  },
  update: {
    complete(next, current) {
      if (!next.spec?.configSource || current.spec?.configSource) return;
      const { configSource: _source, ...spec } = next.spec;
      next.spec = spec;
    },
  },
  subresources: { status: { validate: gathered(checkChange) } },
  warnings: ({ spec }) => [
    ...(spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...(spec?.podCIDRs ?? []).flatMap((range, at) => cidrWarnings(`spec.podCIDRs[${at}]`, range)),
  ],
  selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
});

function checkNode(node: Node, into: FieldError[]): void {
  const { metadata, spec } = node;
  checkMetadata(metadata, dnsSubdomain, into);
  checkTaints(spec?.taints, into);
  checkStatus(node, into);
  const ranges = spec?.podCIDRs ?? [];
  for (const [at, range] of ranges.entries()) checkCidr(range, `spec.podCIDRs[${at}]`, into);
  if (ranges.length < 2) return;
  const families = new Set(ranges.map((range) => parseCidr(range)?.address.family));
  if (families.size < 2 || ranges.length > 2)
    into.push(invalidValue('spec.podCIDRs', ranges, 'may specify no more than one CIDR for each IP family'));
}

function checkChange(next: Node, current: Readonly<Node>, into: FieldError[]): void {
  checkMetadataUpdate(next.metadata, current.metadata, into);
  checkStatus(next, into);
  const addresses = next.status?.addresses ?? [];
  for (const [at, { type, address }] of addresses.entries())
    if (addresses.slice(0, at).some((other) => other.type === type && other.address === address))
      into.push(duplicateValue(`status.addresses[${at}]`, { Type: type, Address: address }));
  checkAssigned(next.spec ?? {}, current.spec ?? {}, into);
  checkTaints(next.spec?.taints, into);
}

/** What the cloud or the cluster said once is said for ever. */
function checkAssigned(next: Node['spec'], current: Node['spec'], into: FieldError[]): void {
  const [ranges, before] = [next.podCIDRs ?? [], current.podCIDRs ?? []];
  const change = 'node updates may not change podCIDR except from "" to valid';
  if (before.length > 0 && ranges.length !== before.length) into.push(forbiddenField('spec.podCIDRs', change));
  else
    for (const [at, range] of before.entries())
      if (range !== ranges[at]) into.push(forbiddenField('spec.podCIDRs', change));
  if (current.providerID && next.providerID !== current.providerID)
    into.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  if ((next.externalID ?? '') !== (current.externalID ?? ''))
    into.push(forbiddenField('spec.externalID', 'may not be updated'));
}

type Taint = NonNullable<Node['spec']['taints']>[number];

function checkTaints(taints: readonly Taint[] | undefined, into: FieldError[]): void {
  const seen = new Set<string>();
  for (const [at, taint] of (taints ?? []).entries()) {
    const path = `metadata.taints[${at}]`;
    const { key, value = '', effect } = taint;
    eachInvalid(into, `${path}.key`, key, qualifiedName(key));
    const problems = labelValue(value);
    if (problems.length > 0) into.push(invalidValue(`${path}.value`, value, problems.join(';')));
    checkTaintEffect(effect, `${path}.effect`, into);
    const id = `${effect}/${key}`;
    if (seen.has(id)) {
      const written = { Key: key, Value: value, Effect: effect, TimeAdded: taint.timeAdded ?? null };
      into.push(duplicateValue(path, written, 'taints must be unique by key and effect pair'));
    }
    seen.add(id);
  }
}

function checkStatus({ status }: Node, into: FieldError[]): void {
  for (const kind of ['capacity', 'allocatable'] as const)
    for (const [name, amount] of Object.entries(status?.[kind] ?? {}))
      checkAmount(name, amount, `status.${kind}.${name}`, into);
  const features = status?.declaredFeatures ?? [];
  for (const [at, feature] of features.entries()) checkFeature(feature, at, features[at + 1], into);
}

const featurePattern = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;

function checkFeature(feature: string, at: number, next: string | undefined, into: FieldError[]): void {
  const path = 'status.declaredFeatures';
  if (!featurePattern.test(feature)) {
    const detail = `invalid feature name "${feature}": must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`;
    into.push(invalidValue(`${path}[${at}]`, feature, detail));
  }
  if (next === feature) into.push(duplicateValue(`${path}[${at + 1}]`, next));
  else if (next !== undefined && feature > next)
    into.push(invalidValue(`${path}[${at + 1}]`, next, 'list must be sorted alphabetically'));
}

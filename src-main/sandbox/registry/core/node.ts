import { Nodes } from '#common/kube/resources';
import type { Node } from '#common/kube/types';
import { forbiddenField, invalidValue, must, type FieldError } from '../field-errors';
import { qualifiedName } from '../names';
import { defineStrategy } from '../strategy';
import { notSupported, required } from '../field-errors';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export const nodeStrategy = defineStrategy({
  resource: Nodes,
  /** A kubelet registers its node together with a first status. */
  keepsNewStatus: true,
  validate: ({ spec }) => (spec?.taints ?? []).flatMap((taint, at) => taintErrors(taint, `metadata.taints[${at}]`)),
  update: {
    validate: (next, current) => [
      ...must(!current.spec.podCIDR || next.spec.podCIDR === current.spec.podCIDR, () =>
        forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'),
      ),
      ...must(!current.spec.providerID || next.spec.providerID === current.spec.providerID, () =>
        forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'),
      ),
    ],
  },
  selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
});

type Taint = NonNullable<Node['spec']['taints']>[number];

function taintErrors({ key, effect }: Taint, path: string): FieldError[] {
  return [
    ...qualifiedName(key).map((text) => invalidValue(`${path}.key`, key, text)),
    ...(effect
      ? must(EFFECTS.includes(effect), () => notSupported(`${path}.effect`, effect, EFFECTS))
      : [required(`${path}.effect`)]),
  ];
}

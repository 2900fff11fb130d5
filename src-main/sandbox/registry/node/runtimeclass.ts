import { RuntimeClasses } from '#common/kube/resources';
import type { RuntimeClass, Scheduling, Toleration } from '#common/kube/types';
import { deprecationOf } from '../core/node-labels';
import { checkTolerations } from '../core/placement-rules';
import { checkContainerResources } from '../core/resource-rules';
import { duplicateValue, type FieldError } from '../field-errors';
import { checkLabels, checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsLabel, dnsSubdomain } from '../names';
import { defineStrategy } from '../strategy';
import { checkNeededName, checkUnchanged } from '../value-rules';

export const runtimeClassStrategy = defineStrategy<RuntimeClass>({
  resource: RuntimeClasses,
  checks: {
    create(runtime, into) {
      checkMetadata(runtime.metadata, dnsSubdomain, into);
      checkNeededName(runtime.handler, dnsLabel, 'handler', into);
      const limits = runtime.overhead?.podFixed;
      if (limits) checkContainerResources({ limits }, 'overhead', new Set(), into);
      if (runtime.scheduling) checkScheduling(runtime.scheduling, into);
    },
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      if (next.handler !== current.handler) checkNeededName(next.handler, dnsLabel, 'handler', into);
      checkUnchanged(next.handler, current.handler, 'handler', into);
    },
  },
  warnings({ scheduling }) {
    return Object.keys(scheduling?.nodeSelector ?? {}).flatMap((label) => {
      const instead = deprecationOf(label);
      return instead ? [`scheduling.nodeSelector: ${instead}`] : [];
    });
  },
});

function checkScheduling({ nodeSelector, tolerations = [] }: Scheduling, into: FieldError[]): void {
  checkLabels(nodeSelector, 'scheduling.nodeSelector', into);
  checkTolerations(tolerations, 'scheduling.tolerations', into);
  const seen = new Set<string>();
  for (const [at, toleration] of tolerations.entries()) {
    const { key = '', operator = '', value = '', effect = '' } = toleration;
    const same = JSON.stringify([key, operator, value, effect]);
    if (seen.has(same)) into.push(duplicateValue(`scheduling.tolerations[${at}]`, inGo(toleration)));
    seen.add(same);
  }
}

const inGo = ({
  key = '',
  operator = '',
  value = '',
  effect = '',
  tolerationSeconds,
}: {
  [K in keyof Toleration]?: Toleration[K];
}): object => ({
  Key: key,
  Operator: operator,
  Value: value,
  Effect: effect,
  TolerationSeconds: tolerationSeconds ?? null,
});

import { DaemonSets } from '#common/kube/resources';
import type { DaemonSetSpec, DaemonSetStatus, DaemonSetUpdateStrategy } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { checkLastingPods, checkPodTemplate } from '../core/pod-rules';
import { templateWarnings } from '../core/pod-warnings';
import { invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { checkLabelSelector, isReadable } from '../selector-rules';
import { defineStrategy, gathered } from '../strategy';
import { amountOf, checkAtMostAll, checkIntOrPercent, checkNotNegative, checkUnchanged } from '../value-rules';
import { checkCollisions, checkCounts, checkSelected, isEmpty } from './workload-rules';

/** Kept by the server: how many templates the set has had. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';
const TYPES = ['RollingUpdate', 'OnDelete'];

export const daemonSetStrategy = defineStrategy({
  resource: DaemonSets,
  complete({ metadata }) {
    metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: '1' };
  },
  checks: {
    create({ metadata, spec }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkSpec(spec, into);
    },
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkUnchanged(next.spec.selector, current.spec.selector, 'spec.selector', into);
      checkSpec(next.spec, into);
    },
  },
  update: {
    prepare(next, current) {
      const count = Number(current.metadata.annotations?.[TEMPLATE_GENERATION] ?? 1);
      const isSame = sameValue(next.spec.template, current.spec.template);
      const annotations = { ...next.metadata.annotations, [TEMPLATE_GENERATION]: String(isSame ? count : count + 1) };
      next.metadata.annotations = annotations;
    },
  },
  subresources: {
    status: {
      validate: gathered(({ status }, current, into) => {
        checkCounts(status ?? NO_STATUS, COUNTS, into);
        checkCollisions(status, current.status, into);
      }),
    },
  },
  warnings: ({ metadata, spec }, before) =>
    before?.metadata.annotations?.[TEMPLATE_GENERATION] === metadata.annotations?.[TEMPLATE_GENERATION]
      ? []
      : templateWarnings(spec.template, 'spec.template'),
});

const NO_STATUS: DaemonSetStatus = {
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
};
const COUNTS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const;

function checkSpec({ selector, template, ...spec }: DaemonSetSpec, into: FieldError[]): void {
  checkLabelSelector(selector, 'spec.selector', into);
  if (!selector || (!isEmpty(selector) && isReadable(selector)))
    checkSelected(selector, template, 'spec.template', into);
  if (selector && isEmpty(selector))
    into.push(invalidValue('spec.selector', selector, 'empty selector is invalid for daemonset'));
  checkPodTemplate(template, 'spec.template', into);
  checkLastingPods(template, 'DaemonSet', 'spec.template', into);
  checkNotNegative(spec.minReadySeconds, 'spec.minReadySeconds', into);
  checkStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy', into);
  checkNotNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit', into);
}

function checkStrategy({ type = '', rollingUpdate }: DaemonSetUpdateStrategy, path: string, into: FieldError[]): void {
  const here = `${path}.rollingUpdate`;
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') {
    const rolling = rollingUpdate
      ? { MaxUnavailable: rollingUpdate.maxUnavailable ?? 0, MaxSurge: rollingUpdate.maxSurge ?? 0 }
      : null;
    into.push(notSupported(path, { Type: type, RollingUpdate: rolling }, TYPES));
    return;
  }
  if (!rollingUpdate) {
    into.push(required(here));
    return;
  }
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  checkIntOrPercent(maxUnavailable, `${here}.maxUnavailable`, into);
  checkIntOrPercent(maxSurge, `${here}.maxSurge`, into);
  checkAtMostAll(maxUnavailable, `${here}.maxUnavailable`, into);
  checkAtMostAll(maxSurge, `${here}.maxSurge`, into);
  const [unavailable, surge] = [amountOf(maxUnavailable) !== 0, amountOf(maxSurge) !== 0];
  if (unavailable && surge)
    into.push(invalidValue(`${here}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (!unavailable && !surge) into.push(required(`${here}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
}

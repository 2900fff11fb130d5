import { matchesSelector } from '#common/kinds/selector';
import { Jobs } from '#common/kube/resources';
import type { Container, Job, JobSpec, LabelSelector, PodTemplateSpec } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { podTemplateInGo } from '../core/go-form';
import { hostnameWarnings } from '../core/pod-warnings';
import { emptyAsNull } from '../empty-lists';
import { invalidValue, required, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsLabel, dnsSubdomain } from '../names';
import { checkLabelSelector, isReadable } from '../selector-rules';
import { defineStrategy, gathered } from '../strategy';
import { checkUnchanged } from '../value-rules';
import { checkJobSpec, failureInGo, jobWarnings, successInGo } from './job-rules';
import { checkJobStatus, isTrue } from './job-status-rules';

const UID = 'batch.kubernetes.io/controller-uid';
const NAME = 'batch.kubernetes.io/job-name';
/** With the names that they had before. */
const UIDS = ['controller-uid', UID];
const NAMES = ['job-name', NAME];

export const jobStrategy = defineStrategy<Job>({
  resource: Jobs,
  prepareForCreate(draft) {
    emptyAsNull(draft.spec.podFailurePolicy, 'rules');
    if (!draft.spec.manualSelector) choose(draft);
    const labels = draft.spec.template?.metadata?.labels;
    // Names that are too long for a label are refused below, where they stand.
    if ((draft.metadata.name ?? '').length > 63) return;
    if (labels && Object.keys(draft.metadata.labels ?? {}).length === 0) draft.metadata.labels = { ...labels };
  },
  undecidedDeletion:
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  checks: {
    create: (job, into) => checkJob(job, true, into),
    update(next, current, into) {
      const labels = current.spec.template?.metadata?.labels ?? {};
      checkJob(next, NAME in labels && UID in labels, into);
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkSelectedSpec(next.spec, into);
      checkChange(next, current, into);
    },
  },
  subresources: { status: { validate: gathered(checkJobStatus), warnings: () => [] } },
  warnings({ metadata, spec }, before) {
    if (before?.metadata.generation === metadata.generation) return [];
    const names = before ? [] : hostnameWarnings(metadata.name, 'Pod names and hostnames');
    return [...names, ...jobWarnings(spec, 'spec')];
  },
  selectableFields: ({ status }) => ({ 'status.successful': String(status?.succeeded ?? 0) }),
});

/** Jobs find their Pods by the uid that they got, not by what their owners thought of. */
function choose({ metadata, spec }: Job): void {
  const { uid = '', name = '' } = metadata;
  const template: PodTemplateSpec = { ...spec.template };
  const labels = { ...template.metadata?.labels };
  const before = template.metadata?.labels;
  for (const label of NAMES) labels[label] ??= name;
  for (const label of UIDS) labels[label] ??= uid;
  // Labels that a Job has from its template go on following it.
  if (before && sameValue(metadata.labels, before)) metadata.labels = { ...labels };
  template.metadata = { ...template.metadata, labels: inOrder(labels) };
  spec.template = template;
  spec.selector = { ...spec.selector, matchLabels: { [UID]: uid, ...spec.selector?.matchLabels } };
}

/** As the server writes it. */
function inOrder<T extends object>(map: T): T {
  return Object.fromEntries(Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1))) as T;
}

const shown = ({ matchLabels, ...selector }: LabelSelector): LabelSelector =>
  matchLabels ? { matchLabels: inOrder(matchLabels), ...selector } : selector;

function checkJob({ metadata, spec }: Job, isPrefixed: boolean, into: FieldError[]): void {
  checkMetadata(metadata, dnsSubdomain, into);
  if (!spec.manualSelector && spec.selector) checkChosen(metadata, spec, isPrefixed, into);
  checkSelectedSpec(spec, into);
  if (spec.completionMode !== 'Indexed' || !spec.completions || spec.completions < 0) return;
  const host = `${metadata.name}-${spec.completions - 1}`;
  if (dnsLabel(host).length > 0)
    into.push(
      invalidValue('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${host}`),
    );
}

function checkChosen(
  { uid = '', name = '' }: Partial<Job['metadata']>,
  { template, selector }: JobSpec,
  isPrefixed: boolean,
  into: FieldError[],
): void {
  const labels = template?.metadata?.labels ?? {};
  const expected: Record<string, string> = { 'controller-uid': uid, 'job-name': name };
  if (isPrefixed) Object.assign(expected, { [UID]: uid, [NAME]: name });
  for (const [label, value] of Object.entries(expected)) {
    const field = `spec.template.metadata.labels[${label}]`;
    if (labels[label] === undefined) into.push(required(field, `must be '${value}'`));
    else if (labels[label] !== value) into.push(invalidValue(field, inOrder(labels), `must be '${value}'`));
  }
  if (selector && isReadable(selector) && !selects(selector, expected))
    into.push(invalidValue('spec.selector', shown(selector), '`selector` not auto-generated'));
}

const selects = (selector: LabelSelector, labels: Record<string, string> | undefined): boolean =>
  matchesSelector(selector as never, { metadata: labels ? { labels } : {} });

function checkSelectedSpec(spec: JobSpec, into: FieldError[]): void {
  checkJobSpec(spec, 'spec', into);
  const { selector, template } = spec;
  if (!selector) into.push(required('spec.selector'));
  checkLabelSelector(selector, 'spec.selector', into);
  if (selector && !isReadable(selector)) return;
  const labels = template?.metadata?.labels;
  if (!selector || !selects(selector, labels))
    into.push(
      invalidValue(
        'spec.template.metadata.labels',
        labels ? inOrder(labels) : null,
        '`selector` does not match template `labels`',
      ),
    );
}

const IMMUTABLE = 'field is immutable';

function checkChange(next: Job, current: Job, into: FieldError[]): void {
  const [spec, before] = [next.spec, current.spec];
  checkCompletions(spec, before, into);
  if (!sameValue(spec.selector, before.selector))
    into.push(invalidValue('spec.selector', spec.selector ? shown(spec.selector) : null, IMMUTABLE));
  checkTemplateChange(spec.template, current, into);
  checkUnchanged(spec.completionMode, before.completionMode, 'spec.completionMode', into);
  if (!sameValue(spec.podFailurePolicy, before.podFailurePolicy))
    into.push(invalidValue('spec.podFailurePolicy', failureInGo(spec.podFailurePolicy), IMMUTABLE));
  checkUnchanged(spec.backoffLimitPerIndex, before.backoffLimitPerIndex, 'spec.backoffLimitPerIndex', into);
  checkUnchanged(spec.managedBy, before.managedBy, 'spec.managedBy', into);
  if (!sameValue(spec.successPolicy, before.successPolicy))
    into.push(invalidValue('spec.successPolicy', successInGo(spec.successPolicy), IMMUTABLE));
}

function checkCompletions(next: JobSpec, current: JobSpec, into: FieldError[]): void {
  const field = 'spec.completions';
  if (next.completionMode !== 'Indexed') {
    checkUnchanged(next.completions ?? null, current.completions ?? null, field, into);
    return;
  }
  const { completions, parallelism } = next;
  if (completions !== undefined && completions !== current.completions && completions !== parallelism)
    into.push(invalidValue(field, completions, 'can only be modified in tandem with spec.parallelism'));
}

/** Where a suspended Job's Pods go and what they get may change, as long as there are none. */
function checkTemplateChange(template: PodTemplateSpec, current: Job, into: FieldError[]): void {
  const { spec, status } = current;
  const isIdle = !status?.startTime || isTrue(status, 'Suspended');
  const isOpen = Boolean(spec.suspend) && isIdle && !status?.active;
  const isSame = sameValue(isOpen ? fixed(template) : template, isOpen ? fixed(spec.template) : spec.template);
  if (!isSame)
    into.push(
      isOpen
        ? invalidValue('spec.template.spec', podTemplateInGo(template)['Spec'], IMMUTABLE)
        : invalidValue('spec.template', podTemplateInGo(template), IMMUTABLE),
    );
}

function fixed({ spec }: PodTemplateSpec): object {
  const {
    nodeSelector: _selector,
    tolerations: _tolerations,
    schedulingGates: _gates,
    affinity,
    ...rest
  } = spec ?? {
    containers: [],
  };
  const { nodeAffinity: _node, ...others } = affinity ?? {};
  const bare = (containers: Container[]) => containers.map(({ resources: _resources, ...container }) => container);
  return {
    ...rest,
    affinity: others,
    containers: bare(rest.containers),
    initContainers: bare(rest.initContainers ?? []),
  };
}

/** What a resize may change of a Pod: the processor time and memory of its containers. */
import type { Container, Pod, PodSpec } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { forbiddenField, invalidValue, type FieldError } from '../field-errors';
import { MIRROR } from './pod-annotation-rules';
import { qosClassOf } from './pod-qos';

type Lists = 'containers' | 'initContainers';
const LISTS = ['containers', 'initContainers'] as const;
const ONLY_AMOUNTS = 'only cpu and memory resources are mutable';
const ONLY_AMOUNTS_FIRST = 'resources for non-sidecar init containers are immutable';

/** Only amounts come through; what is out of order stays to be refused. */
export function prepareResize(next: Pod, current: Readonly<Pod>): void {
  if (LISTS.some((list) => next.spec[list]?.length !== current.spec[list]?.length)) return;
  const { resources } = next.spec;
  const spec: PodSpec = { ...current.spec, containers: amountsOf(next.spec, current.spec, 'containers') ?? [] };
  const first = amountsOf(next.spec, current.spec, 'initContainers');
  if (first) spec.initContainers = first;
  if (resources) spec.resources = resources;
  else delete spec.resources;
  next.spec = spec;
}

function amountsOf(next: PodSpec, current: PodSpec, list: Lists): Container[] | undefined {
  const [now, before] = [next[list], current[list]];
  if (!now || !before || now.some(({ name }, at) => before[at]?.name !== name)) return now;
  return before.map((container, at) => {
    const { resources = {}, resizePolicy } = now[at] ?? {};
    return { ...container, resources, ...(resizePolicy && { resizePolicy }) };
  });
}

/** `false` where nothing else counts. */
export function isResizable({ metadata, spec }: Pod, into: FieldError[]): boolean {
  const isStatic = metadata.annotations?.[MIRROR] !== undefined;
  if (isStatic) into.splice(0, into.length, forbiddenField('', 'static pods cannot be resized'));
  else if (spec.os?.name === 'windows')
    into.splice(0, into.length, forbiddenField('', 'windows pods cannot be resized'));
  return !isStatic && spec.os?.name !== 'windows';
}

export function checkResize(next: Pod, current: Pod, into: FieldError[]): void {
  const hadErrors = into.length;
  if (qosClassOf(next.spec) !== qosClassOf(current.spec))
    into.push(
      invalidValue('spec', next.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'),
    );
  const running = current.status?.containerStatuses?.find(({ state }) => state?.running);
  if (running && !running.resources)
    into.push(forbiddenField('spec', 'Pod running on node without support for resize'));
  const ordered = into.length;
  for (const list of LISTS) checkOrder(next.spec[list] ?? [], current.spec[list] ?? [], list, into);
  if (into.length > ordered) return;
  const sidecars = (current.spec.initContainers ?? []).map(isSidecar);
  for (const [at, container] of (next.spec.initContainers ?? []).entries())
    if (sidecars[at]) checkAmounts(container, current.spec.initContainers?.[at], `spec.initContainers[${at}]`, into);
  for (const [at, container] of next.spec.containers.entries())
    checkAmounts(container, current.spec.containers[at], `spec.containers[${at}]`, into);
  checkOthers(next.spec, current.spec, into);
  if (into.length === hadErrors && !sameValue(bare(next.spec), bare(current.spec)))
    into.push(forbiddenField('spec', ONLY_AMOUNTS));
}

const bare = ({ containers: _containers, initContainers: _first, resources: _resources, ...rest }: PodSpec): object =>
  rest;

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';

function checkOrder(next: readonly Container[], current: readonly Container[], list: Lists, into: FieldError[]): void {
  const path = `spec.${list}`;
  if (next.length !== current.length) {
    into.push(forbiddenField(path, `${list} may not be added or removed on resize`));
    return;
  }
  for (const [at, { name }] of next.entries())
    if (name !== current[at]?.name)
      into.push(forbiddenField(`${path}[${at}].name`, `${list} may not be renamed or reordered on resize`));
}

function checkAmounts(next: Container, current: Container | undefined, path: string, into: FieldError[]): void {
  for (const kind of ['requests', 'limits'] as const) {
    const now = next.resources?.[kind] ?? {};
    const isGone = Object.keys(current?.resources?.[kind] ?? {}).some((name) => now[name] === undefined);
    if (isGone) into.push(forbiddenField(`${path}.resources.${kind}`, `resource ${kind} cannot be removed`));
  }
}

function checkOthers(next: PodSpec, current: PodSpec, into: FieldError[]): void {
  for (const [at, container] of next.containers.entries())
    if (!sameValue(withoutAmounts(container), withoutAmounts(current.containers[at])))
      into.push(forbiddenField('spec', ONLY_AMOUNTS));
  for (const [at, container] of (next.initContainers ?? []).entries()) {
    const before = current.initContainers?.[at];
    if (!isSidecar(container)) {
      if (!sameValue(container, before)) into.push(forbiddenField('spec', ONLY_AMOUNTS_FIRST));
    } else if (!sameValue(withoutAmounts(container), withoutAmounts(before)))
      into.push(
        forbiddenField(
          `spec.initContainers[${at}]`,
          'only cpu and memory resources for init or sidecar containers are mutable',
        ),
      );
  }
}

function withoutAmounts(container: Container | undefined): object {
  const { limits, requests, ...rest } = container?.resources ?? {};
  return { ...container, resources: { ...rest, limits: others(limits), requests: others(requests) } };
}

function others(amounts: Record<string, string> = {}): object {
  const { cpu: _cpu, memory: _memory, ...rest } = amounts;
  return rest;
}

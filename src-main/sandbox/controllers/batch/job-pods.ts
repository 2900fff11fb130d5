/** The Pods of a Job as they are made. */
import { Jobs } from '#common/kube/resources';
import type { Container, Job, Pod } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { podOf } from '../apps/pod-facts';
import { controllerReference } from '../runtime/ownership';
import { failureCounts, TRACKING } from './job-facts';
import { INDEX } from './job-indexes';

/** Room that a generated name leaves for what the server adds. */
const MAX_PREFIX = 58;
const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';

/** `replaced` is the Pod whose place it takes in its index. */
export function podFrom(job: Job, index: number | undefined, replaced: Pod | undefined): Draft<Pod> {
  const { metadata, spec } = podOf(job.spec.template);
  const { name, namespace } = job.metadata;
  const finalizers = metadata.finalizers ?? [];
  const draft: Draft<Pod> = {
    metadata: {
      ...metadata,
      generateName: `${name}-`,
      ...(namespace ? { namespace } : {}),
      finalizers: finalizers.includes(TRACKING) ? finalizers : [...finalizers, TRACKING],
      ownerReferences: [controllerReference(Jobs, job)],
    },
    spec,
  };
  return index === undefined ? draft : withIndex(draft, job, index, replaced);
}

/** The index is on the Pod, in its host name and in the environment of its containers. */
function withIndex({ metadata, spec }: Draft<Pod>, job: Job, index: number, replaced: Pod | undefined): Draft<Pod> {
  const ending = `-${index}-`;
  const { name } = job.metadata;
  return {
    metadata: {
      ...metadata,
      generateName: name.slice(0, MAX_PREFIX - ending.length) + ending,
      labels: { ...metadata.labels, [INDEX]: String(index) },
      annotations: { ...metadata.annotations, [INDEX]: String(index), ...failureCounts(job, replaced) },
    },
    spec: {
      ...spec,
      hostname: `${name}-${index}`,
      ...(spec.initContainers ? { initContainers: spec.initContainers.map(withVariable) } : {}),
      containers: spec.containers.map(withVariable),
    },
  };
}

function withVariable(container: Container): Container {
  const { env = [] } = container;
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container;
  const fieldRef = { fieldPath: `metadata.labels['${INDEX}']` };
  return { ...container, env: [...env, { name: INDEX_VARIABLE, valueFrom: { fieldRef } }] };
}

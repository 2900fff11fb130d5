import type { Container, PodSpec } from '#common/kube/types';
import { quantityNanos } from '#main/sandbox/machinery/quantity';

const COUNTED = ['cpu', 'memory'] as const;

/** Guaranteed, Burstable or BestEffort (the kubelet's classes, decided when the Pod is made). */
export function qosClassOf({ containers = [], initContainers = [], resources }: PodSpec): string {
  const all: Pick<Container, 'resources'>[] = resources ? [{ resources }] : [...containers, ...initContainers];
  const asks = all.some((container) =>
    COUNTED.some((name) => isSet(container, 'requests', name) || isSet(container, 'limits', name)),
  );
  if (!asks) return 'BestEffort';
  return all.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

function isGuaranteed(container: Pick<Container, 'resources'>): boolean {
  return COUNTED.every((name) => {
    const limit = nanos(container, 'limits', name);
    return limit > 0n && nanos(container, 'requests', name) === limit;
  });
}

function isSet(container: Pick<Container, 'resources'>, kind: 'requests' | 'limits', name: string): boolean {
  return nanos(container, kind, name) > 0n;
}

function nanos({ resources }: Pick<Container, 'resources'>, kind: 'requests' | 'limits', name: string): bigint {
  const text = resources?.[kind]?.[name];
  return text === undefined ? 0n : quantityNanos(text);
}

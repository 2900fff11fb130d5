import type { Pod } from '#common/kube/types';

/** Who may be stopped when (kuberuntime_termination_order.go). */
export interface StopOrder {
  /** Resolves when every container that has to end before this one has ended; nothing for one that waits for none. */
  turnOf(name: string): Promise<void> | undefined;
  hasEnded(name: string): void;
}

/** Main containers first; then the sidecars, the last one that started before the others. */
export function stopOrder(pod: Pod, running: readonly string[]): StopOrder {
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const others = running.filter((name) => !sidecars.some((one) => one.name === name));
  const ends = new Map(running.map((name) => [name, signal()]));
  return {
    turnOf(name) {
      const at = sidecars.findIndex((one) => one.name === name);
      if (at < 0) return undefined;
      const before = [...others, ...sidecars.slice(at + 1).map((one) => one.name)];
      return Promise.all(before.map((each) => ends.get(each)?.promise)).then(() => undefined);
    },
    hasEnded: (name) => ends.get(name)?.resolve(),
  };
}

function signal(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

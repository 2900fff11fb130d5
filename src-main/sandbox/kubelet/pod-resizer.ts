import type { Pod } from '#common/kube/types';
import type { ContainerWorker } from './container-worker';
import { recordPodEvent, type NodeContext } from './pod-context';
import {
  allotmentOf,
  needsRestart,
  resizedContainers,
  resizeMessage,
  withAllotment,
  type Allotment,
  type ResizeState,
} from './pod-resize';

export interface PodResizerOptions {
  node: NodeContext;
  pod: () => Pod;
  container: (name: string) => ContainerWorker | undefined;
  onChange: () => void;
}

/** How long the runtime takes to give a container other limits. */
const ACTUATION_MS = 500;

/** Brings what a running Pod was allotted to what its spec asks for. */
export class PodResizer {
  readonly #options: PodResizerOptions;
  #allotment: Allotment;
  #state: ResizeState = { inProgress: false };

  constructor(options: PodResizerOptions) {
    this.#options = options;
    this.#allotment = allotmentOf(options.pod());
  }

  get state(): ResizeState {
    return this.#state;
  }

  get allotted(): Pod {
    return withAllotment(this.#options.pod(), this.#allotment);
  }

  /** Looks at the spec anew; with no room on the node the change waits. */
  consider(): void {
    const { node, pod, onChange } = this.#options;
    const changed = resizedContainers(pod(), this.#allotment);
    if (changed.length === 0) {
      if (this.#state.pending) this.#become({ ...this.#state, pending: undefined });
      return;
    }
    const refusal = node.admits(pod());
    if (!refusal) {
      this.#start(changed);
      return;
    }
    const isNews = this.#state.pending?.message !== refusal.message;
    this.#become({ ...this.#state, pending: refusal });
    if (isNews) this.#event('Warning', 'ResizeDeferred', resizeMessage('Deferred', pod(), refusal.message));
    onChange();
  }

  #start(changed: readonly string[]): void {
    const { node, pod, container } = this.#options;
    const before = this.#allotment;
    this.#allotment = allotmentOf(pod());
    this.#become({ inProgress: true });
    this.#event('Normal', 'ResizeStarted', resizeMessage('started', pod()));
    node.clock.after(ACTUATION_MS, () => {
      const { containers, initContainers = [] } = pod().spec;
      for (const spec of [...initContainers, ...containers]) {
        if (!changed.includes(spec.name)) continue;
        const restarts = needsRestart(spec, before.get(spec.name) ?? {});
        container(spec.name)?.resize(this.#allotment.get(spec.name) ?? {}, { restarts });
      }
      this.#become({ ...this.#state, inProgress: false });
      this.#event('Normal', 'ResizeCompleted', resizeMessage('completed', pod()));
    });
  }

  #become(state: ResizeState): void {
    this.#state = state;
    this.#options.onChange();
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    recordPodEvent(this.#options.node, this.#options.pod(), { type, reason, message });
  }
}

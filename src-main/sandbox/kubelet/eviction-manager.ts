import { quantityNumber } from '#common/kube/quantity';
import type { Pod } from '#common/kube/types';
import {
  binarySI,
  brokenLimit,
  byBlame,
  diskOf,
  evictionMessage,
  hasDiskLimit,
  isCritical,
  pressureRefusal,
  type Candidate,
  type PodUse,
  type Starved,
} from './eviction';
import { imageIdentity } from './image-puller';
import { recordPodEvent, type NodeContext } from './pod-context';
import type { PodRefusal } from './pod-admission';
import type { PodWorker } from './pod-worker';
import { nodeUse, type ContainerReading, type NodeReading } from './usage/reading';

export interface EvictionManagerOptions {
  context: NodeContext;
  workers: () => Iterable<PodWorker>;
  read: () => Promise<NodeReading | undefined>;
  /** Called when the pressures that the node is under have changed. */
  pressed: (pressures: ReadonlySet<string>) => Promise<void>;
}

/** How often a kubelet looks (monitoringInterval), and how long a pressure lasts at least (EvictionPressureTransitionPeriod). */
const INTERVAL_MS = 10_000;
const TRANSITION_MS = 300_000;
/** The hard thresholds of a kubelet that nobody has set up otherwise. */
const MEMORY_THRESHOLD = { quantity: '100Mi', bytes: 100 * 2 ** 20 };
/** Ten percent, in the single precision in which the kubelet keeps it. */
const DISK_THRESHOLD = Math.fround(0.1);
/** What is on the disk of a node besides its Pods. */
const SYSTEM_DISK_BYTES = 6 * 2 ** 30;
/** Even who is killed at once gets this long. */
const IMMEDIATELY_MS = 1000;

/** Watches over the memory and the disk of one node, while there is anything to watch. */
export class EvictionManager {
  readonly #options: EvictionManagerOptions;
  /** Until when each pressure lasts. */
  readonly #until = new Map<string, number>();
  #limited = new Set<string>();
  #timer: Disposable | undefined;
  #isClosed = false;

  constructor(options: EvictionManagerOptions) {
    this.#options = options;
  }

  get pressures(): ReadonlySet<string> {
    return new Set(this.#until.keys());
  }

  refusalOf(pod: Pod): PodRefusal | undefined {
    return pressureRefusal(pod, this.pressures);
  }

  /** A Pod that has limits of local storage is looked at from now on. */
  consider(pod: Pod): void {
    if (!hasDiskLimit(pod)) return;
    this.#limited.add(pod.metadata.uid);
    this.wake();
  }

  /** Somebody uses so much that it is worth a look. */
  wake(): void {
    if (this.#timer || this.#isClosed) return;
    const { clock, report } = this.#options.context;
    this.#timer = clock.after(INTERVAL_MS, () => {
      this.#timer = undefined;
      this.#look().catch(report);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
  }

  async #look(): Promise<void> {
    const { context, read } = this.#options;
    const workers = [...this.#options.workers()].filter((worker) => !worker.isOver);
    this.#limited = new Set(workers.flatMap(({ pod }) => (hasDiskLimit(pod) ? [pod.metadata.uid] : [])));
    const reading = context.power.isOn ? await read() : undefined;
    if (reading) {
      const candidates = await Promise.all(workers.map((worker) => candidateOf(worker, reading)));
      const onDisk = await context.volumes.disk(context.name).bytes();
      for (const { worker, pod, use } of candidates) {
        const broken = this.#limited.has(pod.metadata.uid) ? brokenLimit(pod, use) : undefined;
        if (broken !== undefined) this.#evict(worker, broken);
      }
      await this.#relieve(reading, candidates, onDisk);
    }
    if (this.#limited.size > 0 || this.#until.size > 0 || !context.power.isOn) this.wake();
  }

  /** Under pressure one Pod goes at a time. */
  async #relieve(
    reading: NodeReading,
    candidates: readonly (Candidate & { worker: PodWorker })[],
    onDisk: number,
  ): Promise<void> {
    const { clock } = this.#options.context;
    const before = [...this.#until.keys()].join();
    const nowMs = clock.now();
    const shortages = [this.#memoryShortage(reading, nowMs), this.#diskShortage(reading, candidates, onDisk)];
    for (const shortage of shortages) if (shortage.isMet) this.#until.set(shortage.pressure, nowMs + TRANSITION_MS);
    for (const [pressure, untilMs] of this.#until) if (untilMs <= nowMs) this.#until.delete(pressure);
    if ([...this.#until.keys()].join() !== before) await this.#options.pressed(this.pressures);
    const [worst] = shortages.filter(({ isMet }) => isMet);
    if (!worst) return;
    this.#tellNode(worst.starved);
    if (worst.starved === 'ephemeral-storage' && this.#reclaimImages(candidates, worst)) return;
    const [victim] = candidates.filter(({ pod }) => !isCritical(pod)).toSorted(byBlame(worst.starved));
    if (victim) this.#evict(victim.worker, evictionMessage(victim, worst.starved, worst));
  }

  #memoryShortage(reading: NodeReading, nowMs: number) {
    const capacity = quantityNumber(reading.node.status?.capacity?.['memory']);
    const availableBytes = capacity - nodeUse(reading, nowMs).memoryBytes;
    const { quantity: threshold, bytes } = MEMORY_THRESHOLD;
    return {
      pressure: 'MemoryPressure',
      starved: 'memory' as Starved,
      threshold,
      availableBytes,
      isMet: availableBytes < bytes,
    };
  }

  #tellNode(starved: Starved): void {
    const { events, name } = this.#options.context;
    const message = `Attempting to reclaim ${starved}`;
    const about = { kind: 'Node', name, uid: name, apiVersion: 'v1' };
    events.record(name, about, { type: 'Warning', reason: 'EvictionThresholdMet', message });
  }

  /** Takes away the images that no container has; true when that is enough. */
  #reclaimImages(
    candidates: readonly Candidate[],
    { availableBytes, threshold }: { availableBytes: number; threshold: string },
  ): boolean {
    const used = candidates.flatMap(({ pod: { spec } }) =>
      [...(spec.initContainers ?? []), ...spec.containers].map(({ image = '' }) => imageIdentity(image).image),
    );
    return availableBytes + this.#options.context.images.removeUnused(new Set(used)) >= quantityNumber(threshold);
  }

  #diskShortage(reading: NodeReading, candidates: readonly Candidate[], onDisk: number) {
    const capacity = quantityNumber(reading.node.status?.capacity?.['ephemeral-storage']);
    const used = candidates.reduce(
      (sum, { use }) => sum + diskOf(use),
      SYSTEM_DISK_BYTES + this.#options.context.images.bytes + onDisk,
    );
    const availableBytes = capacity - used;
    const thresholdBytes = Math.floor(capacity * DISK_THRESHOLD);
    const starved: Starved = 'ephemeral-storage';
    const isMet = availableBytes < thresholdBytes;
    return { pressure: 'DiskPressure', starved, threshold: binarySI(thresholdBytes), availableBytes, isMet };
  }

  #evict(worker: PodWorker, message: string): void {
    recordPodEvent(this.#options.context, worker.pod, { type: 'Warning', reason: 'Evicted', message });
    worker.fail({ reason: 'Evicted', message, graceMs: IMMEDIATELY_MS, isDisruption: true });
  }
}

async function candidateOf(worker: PodWorker, reading: NodeReading): Promise<Candidate & { worker: PodWorker }> {
  const { pod, volumes } = worker;
  const read = reading.pods.find((one) => one.pod.metadata.uid === pod.metadata.uid);
  // Those in memory are none of the disk's business.
  const emptyDirs = (pod.spec.volumes ?? []).filter(({ emptyDir }) => emptyDir && emptyDir.medium !== 'Memory');
  const sizes = await Promise.all(
    emptyDirs.map(async ({ name }) => [name, (await volumes.mounted.get(name)?.volume.bytes()) ?? 0] as const),
  );
  const use: PodUse = { containers: (read?.containers ?? []).map(containerUse), volumes: new Map(sizes) };
  return { worker, pod, use };
}

function containerUse({ name, memoryBytes, fileBytes, logBytes }: ContainerReading) {
  return { name, memoryBytes, diskBytes: fileBytes + logBytes() };
}

/** One container of one Pod, as it is named and coloured in the view. */
export interface LogSource {
  index: number;
  pod: string;
  container: string;
  /** As short as it can be and still differ from the others. */
  label: string;
  /** 0 to `SOURCE_COLOURS` - 1; neighbours differ. */
  colour: number;
}

export const SOURCE_COLOURS = 8;

/** Every source that has spoken, in the order they came; indices never change. */
export class LogSources {
  #sources: LogSource[] = [];
  readonly #byKey = new Map<string, LogSource>();

  get all(): readonly LogSource[] {
    return this.#sources;
  }

  at(index: number): LogSource | undefined {
    return this.#sources[index];
  }

  /** The index of a source; it is made when it is new. */
  indexOf(pod: string, container: string): number {
    const key = `${pod}/${container}`;
    const known = this.#byKey.get(key);
    if (known) return known.index;
    const index = this.#sources.length;
    this.#sources.push({ index, pod, container, label: '', colour: index % SOURCE_COLOURS });
    const labels = sourceLabels(this.#sources);
    this.#sources = this.#sources.map((source, at) => ({ ...source, label: labels[at] ?? source.pod }));
    for (const source of this.#sources) this.#byKey.set(`${source.pod}/${source.container}`, source);
    return index;
  }
}

/**
 * Short names: the last part of the Pod's name where that tells them apart (`hx2lm`), the container beside it where Pods
 * have several, and only the container where all come from one Pod.
 */
export function sourceLabels(sources: readonly { pod: string; container: string }[]): string[] {
  const pods = new Set(sources.map(({ pod }) => pod));
  const containers = new Set(sources.map(({ container }) => container));
  const tails = new Set([...pods].map(tailOf));
  const podName = (pod: string) => (tails.size === pods.size ? tailOf(pod) : pod);
  return sources.map(({ pod, container }) => {
    if (pods.size === 1) return containers.size > 1 ? container : tailOf(pod);
    return containers.size > 1 ? `${podName(pod)} ${container}` : podName(pod);
  });
}

function tailOf(pod: string): string {
  return pod.slice(pod.lastIndexOf('-') + 1) || pod;
}

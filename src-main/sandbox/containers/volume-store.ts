import { PodVolume } from './container-files';

/** The volumes that outlive their Pods: those of PersistentVolumes, and the folders of nodes. */
export class VolumeStore {
  readonly #volumes = new Map<string, PodVolume>();

  /** The files of a PersistentVolume; they are there until it is gone. */
  persistent(name: string): PodVolume {
    return this.#at(`volume ${name}`);
  }

  /** A folder of a node. */
  hostPath(node: string, path: string): PodVolume {
    return this.#at(`node ${node} ${path}`);
  }

  forget(name: string): void {
    this.#volumes.delete(`volume ${name}`);
  }

  #at(key: string): PodVolume {
    const volume = this.#volumes.get(key) ?? new PodVolume();
    this.#volumes.set(key, volume);
    return volume;
  }
}

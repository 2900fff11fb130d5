/** The images that a node's status names (nodestatus.Images): the largest, so that it does not grow without end. */
import type { Clock } from '#common/base/clock';
import type { ContainerImage } from '#common/kube/types';
import { imageIdentity } from './image-puller';

/** --node-status-max-images. */
const MOST_IMAGES = 50;
/** --node-status-update-frequency: what has changed is said with the next status. */
const UPDATE_MS = 10_000;

export function reportedImages(images: readonly { name: string; sizeBytes: number }[]): ContainerImage[] {
  return images
    .toSorted((left, right) => right.sizeBytes - left.sizeBytes)
    .slice(0, MOST_IMAGES)
    .map(({ name, sizeBytes }) => {
      const { image, imageID } = imageIdentity(name);
      return { names: image.includes('@') ? [image] : [imageID, image], sizeBytes };
    });
}

/** What was on a node before its kubelet started, as its status named it. */
export function knownImages(images: readonly ContainerImage[] = []): [name: string, sizeBytes: number][] {
  return images.flatMap(({ names = [], sizeBytes = 0 }): [string, number][] => {
    const name = names.find((one) => !one.includes('@')) ?? names[0];
    return name === undefined ? [] : [[name, sizeBytes]];
  });
}

/** Writes what has changed, a while after the first change: pulls that follow each other are told together. */
export class ImageReport implements Disposable {
  readonly #clock: Clock;
  readonly #write: () => void;
  #timer: Disposable | undefined;

  constructor(clock: Clock, write: () => void) {
    this.#clock = clock;
    this.#write = write;
  }

  changed(): void {
    this.#timer ??= this.#clock.after(UPDATE_MS, () => {
      this.#timer = undefined;
      this.#write();
    });
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }
}

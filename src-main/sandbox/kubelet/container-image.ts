import { sleep } from '#common/base/clock';
import type { Container, ContainerState, Pod } from '#common/kube/types';
import type { ImageProfile } from '../containers/image-profile';
import { imageCredentials } from './image-credentials';
import { imageIdentity, type PullResult } from './image-puller';
import type { NodeContext } from './pod-context';
import { goMillis, pullDelayMs } from './restart-policy';

export interface ContainerImageOptions {
  node: NodeContext;
  pod: () => Pod;
  container: Container;
  signal: AbortSignal;
  become: (state: ContainerState) => void;
  event: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
}

/** A kubelet comes back to a Pod whose pull failed after about this long, and says that it waits. */
const BACK_OFF_AFTER_MS = 1500;

/** Gets the image of one container onto its node, as often as it is needed. */
export class ContainerImage {
  readonly #options: ContainerImageOptions;
  #failures = 0;
  #image: string;
  #isPresent = false;

  constructor(options: ContainerImageOptions) {
    this.#options = options;
    this.#image = options.container.image ?? '';
  }

  /** The name and digest that a status shows; no digest before the image is there. */
  get identity(): { image: string; imageID: string } {
    return this.#isPresent ? imageIdentity(this.#image) : { image: this.#image, imageID: '' };
  }

  /** What is known of the image when it is there; nothing after a failure, when the time to try again has come. */
  async ensure({ image = '', imagePullPolicy = 'IfNotPresent' }: Container): Promise<ImageProfile | undefined> {
    const { node, pod, signal, event } = this.#options;
    this.#image = image;
    const result = await node.images.ensure(image, imagePullPolicy, {
      signal,
      credentials: () => imageCredentials(node.client, pod(), signal),
      onPull: () => event('Normal', 'Pulling', `Pulling image "${image}"`),
    });
    if (result.outcome === 'refused') {
      this.#isPresent = false;
      await this.#refused(image, result);
      return undefined;
    }
    this.#failures = 0;
    this.#isPresent = true;
    event('Normal', 'Pulled', pulledText(image, result));
    return result.profile;
  }

  async #refused(image: string, { reason, message }: Extract<PullResult, { outcome: 'refused' }>): Promise<void> {
    const { node, signal, event, become } = this.#options;
    this.#failures++;
    if (reason === 'ErrImagePull') {
      event('Warning', 'Failed', `Failed to pull image "${image}": ${message}`);
      event('Warning', 'Failed', 'Error: ErrImagePull');
    } else {
      event('Warning', reason === 'InvalidImageName' ? 'InspectFailed' : reason, message);
      event('Warning', 'Failed', `Error: ${reason}`);
    }
    become({ waiting: { reason, message } });
    if (reason === 'ErrImagePull') {
      await sleep(node.clock, BACK_OFF_AFTER_MS, signal);
      event('Normal', 'BackOff', `Back-off pulling image "${image}"`);
      event('Warning', 'Failed', 'Error: ImagePullBackOff');
      const told = `Back-off pulling image "${image}": ${reason}: ${message}`;
      become({ waiting: { reason: 'ImagePullBackOff', message: told } });
    }
    await sleep(node.clock, pullDelayMs(this.#failures), signal);
  }
}

function pulledText(image: string, result: Exclude<PullResult, { outcome: 'refused' }>): string {
  if (result.outcome === 'present') {
    return `Container image "${image}" already present on machine and can be accessed by the pod`;
  }
  const took = goMillis(result.tookMs);
  const { sizeBytes } = result.profile;
  return `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${sizeBytes} bytes.`;
}

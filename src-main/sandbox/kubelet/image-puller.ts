import { createHash } from 'node:crypto';
import { sleep, type Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import {
  needsLogin,
  profileOf,
  pullVerdict,
  type ImageProfile,
  type RegistryCredentials,
} from '../containers/image-profile';
import { canonicalName, parseImageReference, type ImageReference } from '../containers/image-reference';

export type PullResult =
  | { outcome: 'present'; profile: ImageProfile }
  | { outcome: 'pulled'; profile: ImageProfile; tookMs: number }
  | { outcome: 'refused'; reason: 'ErrImagePull' | 'ErrImageNeverPull' | 'InvalidImageName'; message: string };

interface PullOptions {
  onPull: () => void;
  signal: AbortSignal;
  /** The logins of the Pod, read when something is fetched. */
  credentials?: () => Promise<RegistryCredentials>;
}

/** What a registry and a link of a small cluster give: a round trip, then about 90 MB per second. */
const ROUND_TRIP_MS = 350;
const BYTES_PER_MS = 90_000;

export interface ImagePullerOptions {
  clock: Clock;
  random: Random;
  /** What is there already: names and bytes. */
  present?: readonly [name: string, sizeBytes: number][];
  /** Called when there are others than before. */
  changed: () => void;
}

/** The images of one node: pulled once, present from then on. */
export class ImagePuller {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #present: Map<string, number>;
  readonly #pulling = new Map<string, Promise<void>>();
  readonly #changed: () => void;

  constructor({ clock, random, present = [], changed }: ImagePullerOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#present = new Map(present);
    this.#changed = changed;
  }

  /** Bytes of all images of the node. */
  get bytes(): number {
    return [...this.#present.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** The images of the node, the largest first. */
  list(): { name: string; sizeBytes: number }[] {
    const all = [...this.#present].map(([name, sizeBytes]) => ({ name, sizeBytes }));
    return all.sort((left, right) => right.sizeBytes - left.sizeBytes);
  }

  /** Takes all images from the node but those in use; answers how many bytes that gave. */
  removeUnused(used: ReadonlySet<string>): number {
    const before = this.bytes;
    for (const name of this.#present.keys()) if (!used.has(name)) this.#present.delete(name);
    const freed = before - this.bytes;
    if (freed > 0) this.#changed();
    return freed;
  }

  /** Takes an image from the node; pulled again when somebody needs it. */
  remove(name: string): boolean {
    const isGone = this.#present.delete(name);
    if (isGone) this.#changed();
    return isGone;
  }

  /** Gets an image onto the node as `policy` says; `onPull` is called when something is fetched. */
  async ensure(image: string, policy: string, options: PullOptions): Promise<PullResult> {
    const reference = parseImageReference(image);
    if (!reference) {
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`;
      return { outcome: 'refused', reason: 'InvalidImageName', message };
    }
    const name = canonicalName(reference);
    const present = this.#present.has(name) && (await this.#mayUse(reference, options));
    if (present && policy !== 'Always') return { outcome: 'present', profile: profileOf(reference) };
    if (policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      return { outcome: 'refused', reason: 'ErrImageNeverPull', message };
    }
    return this.#pull(reference, name, options);
  }

  /** An image of a private registry is only for Pods that could pull it themselves. */
  async #mayUse(reference: ImageReference, { credentials }: PullOptions): Promise<boolean> {
    if (!needsLogin(reference)) return true;
    return pullVerdict(reference, await credentials?.()).outcome === 'pulled';
  }

  async #pull(
    reference: ImageReference,
    name: string,
    { onPull, signal, credentials }: PullOptions,
  ): Promise<PullResult> {
    onPull();
    const startedAtMs = this.#clock.now();
    const verdict = pullVerdict(reference, await credentials?.());
    if (verdict.outcome === 'refused') {
      await sleep(this.#clock, ROUND_TRIP_MS, signal);
      return { outcome: 'refused', reason: 'ErrImagePull', message: verdict.message };
    }
    await this.#fetch(name, verdict.profile.sizeBytes);
    signal.throwIfAborted();
    return { outcome: 'pulled', profile: verdict.profile, tookMs: this.#clock.now() - startedAtMs };
  }

  /** Pods that want the same image at the same time share one fetch. */
  #fetch(name: string, sizeBytes: number): Promise<void> {
    const running = this.#pulling.get(name);
    if (running) return running;
    const layersMs = this.#present.has(name) ? 0 : sizeBytes / BYTES_PER_MS;
    const delayMs = (ROUND_TRIP_MS + layersMs) * (0.85 + 0.3 * this.#random.next());
    const fetching = sleep(this.#clock, delayMs).then(() => {
      const isNew = this.#present.get(name) !== sizeBytes;
      this.#present.set(name, sizeBytes);
      if (isNew) this.#changed();
      this.#pulling.delete(name);
    });
    this.#pulling.set(name, fetching);
    return fetching;
  }
}

interface ImageIdentity {
  image: string;
  imageID: string;
}

/** Statuses ask for the same few again and again. */
const identities = new Map<string, ImageIdentity>();
const MOST_IDENTITIES = 1000;

/** The name and digest a status shows; the digest is always the same for a name. */
export function imageIdentity(image: string): ImageIdentity {
  const known = identities.get(image);
  if (known) return known;
  if (identities.size >= MOST_IDENTITIES) identities.clear();
  const found = identityOf(image);
  identities.set(image, found);
  return found;
}

function identityOf(image: string): ImageIdentity {
  const reference = parseImageReference(image);
  if (!reference) return { image, imageID: '' };
  const digest = createHash('sha256').update(canonicalName(reference)).digest('hex');
  return { image: canonicalName(reference), imageID: `${reference.registry}/${reference.repository}@sha256:${digest}` };
}

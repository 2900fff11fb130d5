import type { Pod } from '#common/kube/types';
import type { NodeImages } from '../node-images';
import type { SchedulerPlugin } from '../plugin';

/** Bytes of images below which it does not matter where they lie, and beyond which more does not count; the latter per container. */
const LEAST_BYTES = 23 * 2 ** 20;
const MOST_BYTES = 1000 * 2 ** 20;

/** Likes nodes that have the Pod's images, less so when few nodes have them: a new image must not draw all Pods to one node. */
export const imageLocality: SchedulerPlugin = {
  name: 'ImageLocality',
  forPod(pod, { images, nodes }) {
    const spreads = imagesOf(pod).flatMap((image) => images.spreadOf(image) ?? []);
    if (spreads.length === 0) return undefined;
    const shares = spreads.map((spread) => shareOf(spread, nodes.length));
    const { containers, initContainers = [] } = pod.spec;
    const most = MOST_BYTES * (containers.length + initContainers.length);
    return {
      score: (candidates) =>
        candidates.map(({ node: { metadata } }) => {
          let bytes = 0;
          for (const { nodes: having, bytes: share } of shares) if (having.has(metadata.name)) bytes += share;
          const counted = Math.min(most, Math.max(LEAST_BYTES, bytes));
          return Math.trunc((100 * (counted - LEAST_BYTES)) / (most - LEAST_BYTES));
        }),
    };
  },
};

type Spread = NonNullable<ReturnType<NodeImages['spreadOf']>>;

function shareOf({ size, nodes }: Spread, nodeCount: number) {
  return { nodes, bytes: Math.trunc(size * (nodes.size / nodeCount)) };
}

/** As nodes name them: with a tag. */
function imagesOf({ spec }: Pod): string[] {
  const { initContainers = [], containers, volumes = [] } = spec;
  const named = [...initContainers, ...containers].map(({ image = '' }) => image);
  const mounted = volumes.flatMap(({ image }) => image?.reference ?? []);
  return [...named, ...mounted].map((image) =>
    image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image,
  );
}

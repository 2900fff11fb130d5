import { EndpointSlices } from '#common/kube/resources';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { bumpGeneration, changesDesiredState } from '../object-state';
import { defineStrategy } from '../strategy';
import type { AnyObject, ObjectMeta } from '#common/kube/object';

export const endpointSliceStrategy = defineStrategy({
  resource: EndpointSlices,
  update: {
    /** The generation counts changes of labels and owners too. */
    prepare(next, current) {
      const isCounted = changesDesiredState(next as unknown as AnyObject, current as unknown as AnyObject);
      if (!isCounted && !sameValue(described(next.metadata), described(current.metadata))) bumpGeneration(next);
    },
  },
});

function described({ labels, annotations, ownerReferences, finalizers }: ObjectMeta): object {
  return { labels, annotations, ownerReferences, finalizers };
}

/** Resources that are served in two versions and stored in one. */
import type { AnyObject } from '#common/kube/object';
import { resourceId } from '#common/kube/resource';
import { Events, EventsV1Events, HorizontalPodAutoscalers, HorizontalPodAutoscalersV1 } from '#common/kube/resources';
import { autoscalerFromV1, autoscalerToV1 } from './autoscaling/horizontalpodautoscaler-v1';
import { eventFromV1, eventToV1, selectableEventV1 } from './core/event-v1';

export interface Conversion {
  /** The id of the resource that stores it. */
  stored: string;
  toServed(object: AnyObject): AnyObject;
  toStored(object: AnyObject): AnyObject;
  selectableFields?(object: AnyObject): Record<string, string>;
}

/** By the id of the served resource. */
export const conversions: ReadonlyMap<string, Conversion> = new Map<string, Conversion>([
  [
    resourceId(EventsV1Events),
    {
      stored: resourceId(Events),
      toServed: eventToV1,
      toStored: eventFromV1,
      selectableFields: selectableEventV1,
    },
  ],
  [
    resourceId(HorizontalPodAutoscalersV1),
    { stored: resourceId(HorizontalPodAutoscalers), toServed: autoscalerToV1, toStored: autoscalerFromV1 },
  ],
]);

/** autoscaling/v1 Scale: one view of everything that has replicas. */
import { formatSelector } from '#common/kinds/selector';
import type { AnyObject } from '#common/kube/object';
import type { Scale } from '#common/kube/types';
import { scaleValues, withReplicas } from '#main/sandbox/custom/custom-scale';
import { applyJsonPatch } from '#main/sandbox/machinery/patch/json-patch';
import { applyMergePatch } from '#main/sandbox/machinery/patch/merge-patch';
import { invalidValue } from '#main/sandbox/registry/field-errors';
import { draftOf } from '#main/sandbox/registry/object-state';
import type { WriteRequest } from '#main/sandbox/registry/registry-context';
import { badRequest, invalid, modifiedMeanwhile } from '#main/sandbox/registry/status-errors';
import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { printedResponse } from '../object-response';
import { readObject } from '../read-object';
import { age } from '../tables/age';
import { AGE, column, NAME } from '../tables/column';
import { definePrinter } from '../tables/printer';
import { readPatch } from '../verbs/patch';
import { writeRequest } from '../write-request';

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

const printer = definePrinter<Scale>(
  [NAME, column('Desired', 'integer'), column('Available', 'integer'), AGE],
  ({ metadata, spec, status }, now) => [
    metadata.name,
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    age(metadata.creationTimestamp, now),
  ],
);

interface Scalable extends AnyObject {
  spec: { replicas?: number; selector?: never };
  status?: { replicas?: number };
}

export const scale = {
  async get(exchange: ResourceExchange): Promise<ApiResponse> {
    const { served, info } = exchange;
    const { object } = await served.serveAnew(served.registry.get(info.namespace, info.name));
    return printedResponse(exchange, scaleOf(served, object as Scalable) as unknown as AnyObject, printer);
  },

  async update(exchange: ResourceExchange): Promise<ApiResponse> {
    const wanted = (await readObject(exchange, SCALE)) as unknown as Scale;
    const { metadata } = wanted;
    if (metadata.name && metadata.name !== exchange.info.name) {
      throw badRequest(
        `the name of the object (${metadata.name}) does not match the name on the URL (${exchange.info.name})`,
      );
    }
    return write(exchange, () => wanted, writeRequest(exchange, 'UpdateOptions'));
  },

  async patch(exchange: ResourceExchange): Promise<ApiResponse> {
    const { type, patch } = await readPatch(exchange);
    const apply = type === 'application/json-patch+json' ? applyJsonPatch : applyMergePatch;
    return write(exchange, (current) => apply(current, patch), {
      ...writeRequest(exchange, 'PatchOptions'),
      isPatch: true,
    });
  },
};

async function write(
  exchange: ResourceExchange,
  change: (current: Scale) => Scale,
  request: WriteRequest,
): Promise<ApiResponse> {
  const { served, info } = exchange;
  const { registry } = served;
  const transform = (current: AnyObject | undefined): AnyObject => {
    const object = (current ?? registry.get(info.namespace, info.name).object) as Scalable;
    const wanted = change(scaleOf(served, object));
    refuse(exchange, object, wanted);
    const replicas = wanted.spec?.replicas ?? 0;
    const paths = served.custom?.declared.subresources?.scale;
    if (paths) return withReplicas(draftOf(object), paths, replicas);
    return { ...draftOf(object), spec: { ...object.spec, replicas } };
  };
  // The whole object is written through its own door: its rules and its generation count.
  const written = await registry.update(info.name, transform, {
    ...request,
    subresource: '',
    ownedThrough: 'scale',
    isPatch: true,
  });
  const { object } = await served.serve(written.entry);
  return printedResponse(exchange, scaleOf(served, object as Scalable) as unknown as AnyObject, printer);
}

function refuse({ served, info }: ResourceExchange, { metadata }: AnyObject, wanted: Scale): void {
  const replicas = wanted.spec?.replicas ?? 0;
  if (typeof replicas !== 'number' || replicas < 0) {
    const error = invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0');
    throw invalid(SCALE, info.name, [error]);
  }
  const asked = wanted.metadata.resourceVersion;
  if (asked && asked !== metadata.resourceVersion) throw modifiedMeanwhile(served.definition, info.name);
}

function scaleOf({ custom }: ResourceExchange['served'], object: Scalable): Scale {
  const { metadata, spec, status } = object;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const paths = custom?.declared.subresources?.scale;
  const own = paths && scaleValues(object, paths);
  const replicas = own ? own.replicas : spec.replicas;
  const selector = own ? own.selector : selectorText(spec.selector);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace ? { namespace } : {}), uid, resourceVersion, creationTimestamp },
    spec: replicas ? { replicas } : {},
    status: { replicas: own?.statusReplicas ?? status?.replicas ?? 0, ...(selector ? { selector } : {}) },
  } as Scale;
}

/** ReplicationControllers select by a plain map. */
function selectorText(selector: Record<string, unknown> | undefined): string {
  if (!selector) return '';
  const isPlain = !('matchLabels' in selector) && !('matchExpressions' in selector);
  const text = formatSelector((isPlain ? { matchLabels: selector } : selector) as never);
  return text === '<none>' ? '' : text;
}

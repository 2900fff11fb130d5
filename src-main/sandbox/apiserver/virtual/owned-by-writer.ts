import { timestamp } from '#common/base/clock';
import type { AnyObject } from '#common/kube/object';
import { apiVersionOf } from '#common/kube/resource';
import { updateManagedFields } from '#main/sandbox/machinery/managed-fields';
import { schemaOf, type Gvk } from '#main/sandbox/machinery/schema';
import type { Exchange } from '../exchange';
import { fieldManagerOf } from '../write-request';

/** What is answered and not stored is owned by who sent it, as if it had been created. */
export function ownedByWriter<T extends AnyObject>(exchange: Exchange, object: T, gvk: Gvk): T {
  const schema = schemaOf(gvk);
  if (!schema) return object;
  const managedFields = updateManagedFields(undefined, object, {
    manager: fieldManagerOf(exchange, 'CreateOptions'),
    apiVersion: apiVersionOf(gvk),
    subresource: exchange.info.subresource,
    time: timestamp(exchange.server.clock),
    schema,
  });
  return managedFields.length > 0 ? { ...object, metadata: { ...object.metadata, managedFields } } : object;
}

import type { AnyObject } from '#common/kube/object';
import { dryRunOf } from '../write-request';
import type { ResourceExchange } from '../exchange';

/** Lets admission see what is posted to a subresource, as it sees an object that is created. */
export async function admitPosted(exchange: ResourceExchange, object: AnyObject): Promise<void> {
  const { info, server, user, warnings, request } = exchange;
  const { group, version, plural, subresource, namespace, name } = info;
  const dryRun = dryRunOf(request.query.getAll('dryRun'), 'CreateOptions');
  const place = { group, version, plural, subresource, namespace, name, kind: object.kind ?? '' };
  const attributes = { operation: 'CREATE' as const, ...place, object, user, dryRun, warnings };
  await server.admission.mutate(attributes);
  await server.admission.validate(attributes);
}

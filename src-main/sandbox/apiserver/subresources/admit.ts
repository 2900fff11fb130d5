import type { AnyObject } from '#common/kube/object';
import type { ResourceExchange } from '../exchange';
import { isTrue } from '../request-info';
import { dryRunOf } from '../write-request';

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

/** Lets admission see a connection before it is made: what it is asked for is its object. */
export async function admitConnection(exchange: ResourceExchange, kind: string): Promise<void> {
  const { info, server, user, warnings } = exchange;
  const { group, version, plural, subresource, namespace, name } = info;
  const object = { apiVersion: 'v1', kind, ...connectOptions(exchange) } as unknown as AnyObject;
  const place = { group, version, plural, subresource, namespace, name, kind };
  const attributes = { operation: 'CONNECT' as const, ...place, object, user, dryRun: false, warnings };
  await server.admission.mutate(attributes);
  await server.admission.validate(attributes);
}

const SWITCHES = ['stdin', 'stdout', 'stderr', 'tty'];

/** The query as the options of the subresource have it: only what is set. */
function connectOptions({ info, request: { query } }: ResourceExchange): object {
  if (info.subresource === 'proxy') return info.rest ? { path: info.rest } : {};
  if (info.subresource === 'portforward') {
    const ports = query.getAll('ports').flatMap((list) => list.split(',').map(Number));
    return ports.length > 0 ? { ports } : {};
  }
  const switches = SWITCHES.filter((name) => isTrue(query.get(name))).map((name) => [name, true]);
  const container = query.get('container');
  const command = query.getAll('command');
  return {
    ...Object.fromEntries(switches),
    ...(container ? { container } : {}),
    ...(info.subresource === 'exec' ? { command } : {}),
  };
}

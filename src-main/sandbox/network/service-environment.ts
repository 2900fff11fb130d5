import type { Service, ServicePort } from '#common/kube/types';
import type { NetworkObjects } from './network-objects';

/** The variables a kubelet sets for the Services a container starts beside; only the API server's without `links`. */
export function serviceEnvironment(objects: NetworkObjects, namespace: string, links: boolean): Record<string, string> {
  const env: Record<string, string> = {};
  const master = objects.service('default', 'kubernetes');
  const others = links ? [...objects.services()].filter(({ metadata }) => metadata.namespace === namespace) : [];
  for (const service of [...(master ? [master] : []), ...others]) Object.assign(env, variablesOf(service));
  return env;
}

function variablesOf({ metadata, spec }: Service): Record<string, string> {
  const { clusterIP, ports = [] } = spec;
  const [first] = ports;
  if (!clusterIP || clusterIP === 'None' || !first) return {};
  const prefix = metadata.name.toUpperCase().replaceAll('-', '_');
  const env: Record<string, string> = {
    [`${prefix}_SERVICE_HOST`]: clusterIP,
    [`${prefix}_SERVICE_PORT`]: String(first.port),
    [`${prefix}_PORT`]: urlOf(clusterIP, first),
  };
  for (const port of ports) {
    if (port.name) env[`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`] = String(port.port);
    const protocol = port.protocol ?? 'TCP';
    const each = `${prefix}_PORT_${port.port}_${protocol}`;
    env[each] = urlOf(clusterIP, port);
    env[`${each}_PROTO`] = protocol.toLowerCase();
    env[`${each}_PORT`] = String(port.port);
    env[`${each}_ADDR`] = clusterIP;
  }
  return env;
}

const urlOf = (address: string, { port, protocol = 'TCP' }: ServicePort): string =>
  `${protocol.toLowerCase()}://${address}:${port}`;

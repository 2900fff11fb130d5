import type { ForwardRequest } from '#common/contract/forwards';
import type { ObjectRef } from '#common/contract/shapes';
import type { AnyObject } from '#common/kube/object';

export interface ForwardPort {
  port: number;
  name: string;
}

type ForwardKind = ForwardRequest['kind'];

const KINDS: readonly ForwardKind[] = ['Pod', 'Service', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'];

interface PortBearing {
  spec?: {
    ports?: { port: number; name?: string; protocol?: string }[];
    containers?: ContainerPorts[];
    template?: { spec?: { containers?: ContainerPorts[] } };
  };
}

interface ContainerPorts {
  ports?: { containerPort: number; name?: string; protocol?: string }[];
}

export function forwardKind({ resource }: Pick<ObjectRef, 'resource'>): ForwardKind | undefined {
  return KINDS.find((kind) => kind === resource.kind);
}

/** The TCP ports an object names, each once; ports it does not name can be forwarded all the same. */
export function forwardPorts(object: AnyObject | undefined): ForwardPort[] {
  const { spec } = (object ?? {}) as PortBearing;
  const containers = spec?.containers ?? spec?.template?.spec?.containers ?? [];
  const all = [
    ...(spec?.ports ?? []).map(({ port, name, protocol }) => ({ port, name, protocol })),
    ...containers.flatMap(({ ports = [] }) =>
      ports.map(({ containerPort, name, protocol }) => ({ port: containerPort, name, protocol })),
    ),
  ];
  const tcp = all.filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP');
  const unique = new Map(tcp.map(({ port, name }) => [port, { port, name: name ?? '' }]));
  return [...unique.values()];
}

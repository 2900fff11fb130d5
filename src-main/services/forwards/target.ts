import type { ForwardRequest } from '#common/contract/forwards';
import { Problem } from '#common/base/errors';
import { conditionOf, isTrue } from '#common/kinds/conditions';
import type { Pod, Service } from '#common/kube/types';

/** What a forward's port stands for, as far as it is known before a Pod is chosen. */
export interface PortWanted {
  /** A number inside the Pod, or the name of a container port. */
  port: number | string;
  /** Name or protocol hint of the port, for choosing http or https. */
  hint: string;
}

/** A Service's port by number or name, as the port its Pods listen on. */
export function servicePort({ metadata, spec }: Service, port: number | string): PortWanted {
  const found = spec?.ports?.find((one) => one.port === port || one.name === String(port) || one.port === Number(port));
  if (!found) {
    const known = (spec?.ports ?? []).map((one) => one.name ?? String(one.port)).join(', ');
    throw new Problem('port-unknown', `Service ${metadata.name} has no port ${port}.`, {
      nextStep: known ? `It has ${known}.` : 'It has no ports.',
    });
  }
  if (found.protocol && found.protocol !== 'TCP') {
    throw new Problem(
      'port-not-tcp',
      `Port ${port} of Service ${metadata.name} is ${found.protocol}; only TCP can be forwarded.`,
    );
  }
  // The target port may be left out of a Service: it is the port itself then.
  return { port: found.targetPort ?? found.port, hint: found.appProtocol ?? found.name ?? '' };
}

/** The port's number in one Pod; undefined when the Pod has no port of that name. */
export function podPort(pod: Pod, port: number | string): number | undefined {
  if (typeof port === 'number') return port;
  if (/^\d+$/.test(port)) return Number(port);
  const ports = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  return ports.find(({ name }) => name === port)?.containerPort;
}

/** The Pod that answers: the one that answered before while it is ready, else the first ready one by name. */
export function choosePod(pods: readonly Pod[], current: string | undefined): Pod | undefined {
  const ready = pods.filter(isReady).toSorted((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
  return ready.find(({ metadata }) => metadata.name === current) ?? ready[0];
}

function isReady(pod: Pod): boolean {
  return !pod.metadata.deletionTimestamp && pod.status?.phase === 'Running' && isTrue(conditionOf(pod, 'Ready'));
}

const HTTPS_PORTS: ReadonlySet<number> = new Set([443, 6443, 8443, 9443, 10250]);

/** What a browser opens: https where the port's name, protocol or number says so. */
export function forwardUrl(
  { port }: Pick<ForwardRequest, 'port'>,
  hint: string,
  local: { target: number; port: number },
): string {
  const isSecure = /https|tls/i.test(`${hint} ${port}`) || HTTPS_PORTS.has(local.target);
  return `${isSecure ? 'https' : 'http'}://127.0.0.1:${local.port}`;
}

import type { Duplex } from 'node:stream';
import type { Clock } from '#common/base/clock';
import { ConnectError, type DnsRecord, type PodNetwork, type IngressView } from '#main/base/pod-network';
import { systemClock } from '#main/base/system-clock';
import { Container, type ContainerSpec } from '#main/sandbox/containers/container';
import { profileOf, type ImageProfile } from '#main/sandbox/containers/image-profile';
import { parseImageReference } from '#main/sandbox/containers/image-reference';

export interface TestContainerOptions extends Partial<Omit<ContainerSpec, 'profile'>> {
  profile?: Partial<ImageProfile>;
  clock?: Clock;
}

/** What a kubelet writes for a Pod of the default namespace. */
export const RESOLVER = {
  '/etc/resolv.conf': 'search default.svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
};

/** A container outside any cluster. */
export function testContainer(image: string, { profile, ...options }: TestContainerOptions = {}): Container {
  const reference = parseImageReference(image);
  if (!reference) throw new Error(`${image} is no image name`);
  return new Container({
    profile: { ...profileOf(reference), ...profile },
    env: {},
    hostname: 'web-1',
    ip: '10.244.0.2',
    stdin: false,
    tty: false,
    files: () => RESOLVER,
    mounts: [],
    clock: systemClock,
    network: new TestNetwork(),
    ...options,
  });
}

/** A network of a few containers by name: what has a name has an address. */
export class TestNetwork implements PodNetwork {
  readonly #containers = new Map<string, Container>();

  add(name: string, container: Container): void {
    this.#containers.set(name, container);
  }

  async connect(address: string, port: number): Promise<Duplex> {
    const container = [...this.#containers.values()].find(({ spec }) => spec.ip === address);
    const connection = container?.dial(port);
    if (connection) return connection;
    throw new ConnectError(container ? 'refused' : 'timed-out');
  }

  async query(_server: string, name: string) {
    const suffix = '.default.svc.cluster.local';
    const container = name.endsWith(suffix) ? this.#containers.get(name.slice(0, -suffix.length)) : undefined;
    const records: DnsRecord[] = container ? [{ name, type: 'A', data: container.spec.ip, ttl: 30 }] : [];
    return { status: container ? ('NOERROR' as const) : ('NXDOMAIN' as const), records };
  }

  reaches(address: string): boolean {
    return [...this.#containers.values()].some(({ spec }) => spec.ip === address);
  }

  ingresses(): IngressView {
    return {
      route: () => undefined,
      certificate: () => undefined,
      missingSecrets: () => [],
      onChange: () => ({ [Symbol.dispose]: () => undefined }),
    };
  }
}

export const printed = ({ log }: Container): string[] => log.lines.map(({ text }) => text);

/** Runs a command in a container to its end. */
export async function execText(container: Container, command: readonly string[]) {
  const { stdout, stderr, exit } = container.exec(command, { stdin: false, tty: false });
  const [out, err, { code }] = await Promise.all([textOf(stdout), textOf(stderr), exit]);
  return { out, err, code };
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}

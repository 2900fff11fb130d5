/** Node ports of Services on this computer: `localhost:30080` is what it would be on a node. */
import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Scope } from '#common/base/scope';
import { Services } from '#common/kube/resources';
import type { Service } from '#common/kube/types';
import type { Informers } from '#main/informer/informers';
import type { ServicePort } from './cluster-network';

export interface LocalPortsOptions {
  informers: Informers;
  scope: Scope;
  connect: (service: ServicePort, signal: AbortSignal) => Promise<Duplex>;
  /** Told that somebody else on this computer has the port. */
  onTaken: (service: Service, port: number) => void;
}

/** Only for programs on this computer. */
const HOST = '127.0.0.1';

interface Open {
  server: Server;
  /** The Service that the port leads to, as it is now. */
  target: ServicePort;
}

/** Keeps a listener on loopback for each node port of the cluster. */
export class LocalPorts implements Disposable {
  readonly #options: LocalPortsOptions;
  readonly #open = new Map<number, Open>();

  constructor(options: LocalPortsOptions) {
    this.#options = options;
    const { informers, scope } = options;
    const lease = scope.add(informers.open(Services));
    scope.add(
      lease.informer.subscribe((deltas) => {
        for (const { type, object } of deltas) this.#follow(object, type === 'removed' ? [] : nodePorts(object));
      }),
    );
    for (const service of lease.informer.cache.values()) this.#follow(service, nodePorts(service));
  }

  #follow(service: Service, wanted: readonly { nodePort: number; port: number }[]): void {
    const { namespace = '', name } = service.metadata;
    for (const [nodePort, { target }] of this.#open) {
      const isOurs = target.namespace === namespace && target.name === name;
      if (isOurs && !wanted.some((one) => one.nodePort === nodePort)) this.#shut(nodePort);
    }
    for (const { nodePort, port } of wanted) {
      const target = { namespace, name, port };
      const open = this.#open.get(nodePort);
      if (open) open.target = target;
      else this.#listen(nodePort, target, service);
    }
  }

  #listen(nodePort: number, target: ServicePort, service: Service): void {
    const server = createServer((socket) => {
      const { target: now } = this.#open.get(nodePort) ?? { target };
      socket.on('error', () => socket.destroy());
      this.#options.connect(now, this.#options.scope.signal).then(
        (connection) => {
          connection.on('error', () => socket.destroy());
          connection.on('close', () => socket.destroy());
          socket.on('close', () => connection.destroy());
          socket.pipe(connection).pipe(socket);
        },
        () => socket.destroy(),
      );
    });
    server.on('error', () => {
      this.#open.delete(nodePort);
      this.#options.onTaken(service, nodePort);
    });
    this.#open.set(nodePort, { server, target });
    server.listen(nodePort, HOST);
    server.unref();
  }

  #shut(nodePort: number): void {
    this.#open.get(nodePort)?.server.close();
    this.#open.delete(nodePort);
  }

  [Symbol.dispose](): void {
    for (const nodePort of this.#open.keys()) this.#shut(nodePort);
  }
}

function nodePorts({ spec }: Service): { nodePort: number; port: number }[] {
  return (spec.ports ?? []).flatMap(({ nodePort, port, protocol = 'TCP' }) =>
    nodePort && protocol === 'TCP' ? [{ nodePort, port }] : [],
  );
}

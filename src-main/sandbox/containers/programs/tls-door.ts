import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import { programCertificate } from '#main/base/x509/program-certificates';
import type { ContainerMount } from '../container-files';

const TOKENS = '/var/run/secrets/kubernetes.io/serviceaccount';
const NO_NAME = 'localhost';

/** What a Secret of type kubernetes.io/tls has, and what kube-webhook-certgen makes. */
const PAIRS = [
  ['tls.crt', 'tls.key'],
  ['cert', 'key'],
] as const;

/** Speaks TLS on the connections of one program. */
export class TlsDoor {
  readonly #mounts: readonly ContainerMount[];
  #mounted: { text: string; context: SecureContext } | undefined;

  constructor(mounts: readonly ContainerMount[]) {
    this.#mounts = mounts.filter(({ path }) => path !== TOKENS);
  }

  /** `opened` gets what is inside; who speaks no TLS, or goes away in the middle, is let go. */
  open(connection: Duplex, opened: (inside: Duplex) => void): void {
    void this.#mountedContext().then(
      (mounted) => {
        const certificates = mounted
          ? { secureContext: mounted }
          : { secureContext: ownContext(NO_NAME), SNICallback: byName };
        const inside = new TLSSocket(connection as never, { isServer: true, ...certificates });
        inside.on('error', () => connection.destroy());
        inside.once('secure', () => opened(inside));
      },
      () => connection.destroy(),
    );
  }

  /** The certificate that lies in a volume of the container. */
  async #mountedContext(): Promise<SecureContext | undefined> {
    for (const { volume, subPath } of this.#mounts) {
      const files = await volume.fs();
      for (const names of PAIRS) {
        const [certPath, keyPath] = names.map((name) => files.resolvePath(`/${subPath ?? ''}`, name)) as [
          string,
          string,
        ];
        if (!(await files.exists(certPath)) || !(await files.exists(keyPath))) continue;
        return this.#contextOf(await files.readFile(certPath), await files.readFile(keyPath));
      }
    }
    return undefined;
  }

  /** Kept until the certificate is another one. */
  #contextOf(cert: string, key: string): SecureContext {
    if (this.#mounted?.text !== cert) this.#mounted = { text: cert, context: createSecureContext({ cert, key }) };
    return this.#mounted.context;
  }
}

const MOST_NAMES = 200;
const contexts = new Map<string, SecureContext>();

/** One for all servers of this process that are asked for by a name. */
function ownContext(name: string): SecureContext {
  const before = contexts.get(name);
  if (before) return before;
  if (contexts.size >= MOST_NAMES) contexts.clear();
  const { certificate, key } = programCertificate(name);
  const context = createSecureContext({ cert: certificate, key });
  contexts.set(name, context);
  return context;
}

function byName(name: string, answer: (failure: Error | null, context?: SecureContext) => void): void {
  answer(null, ownContext(name));
}

import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket, type SecureContext, type TLSSocketOptions } from 'node:tls';
import { programCertificate } from '#main/base/x509/program-certificates';
import type { ContainerMount } from '../container-files';

const TOKENS = '/var/run/secrets/kubernetes.io/serviceaccount';
const NO_NAME = 'localhost';

/** What a Secret of type kubernetes.io/tls has, and what kube-webhook-certgen makes. */
const PAIRS = [
  ['tls.crt', 'tls.key'],
  ['cert', 'key'],
] as const;

/** What a server shows that has certificates of its own. */
export interface TlsIdentity {
  /** For clients that name nobody, or somebody unknown. */
  standard(): SecureContext;
  /** By the name that the client asks for. */
  contextFor(name: string): SecureContext | undefined;
}

/** Speaks TLS on the connections of one program. */
export class TlsDoor {
  readonly #mounts: readonly ContainerMount[];
  #mounted: { text: string; context: SecureContext } | undefined;

  constructor(mounts: readonly ContainerMount[]) {
    this.#mounts = mounts.filter(({ path }) => path !== TOKENS);
  }

  /** `opened` gets what is inside; who speaks no TLS, or goes away in the middle, is let go. */
  open(connection: Duplex, opened: (inside: Duplex) => void, identity?: TlsIdentity): void {
    if (identity) return secure(connection, opened, contextsOf(identity));
    void this.#mountedContext().then(
      (mounted) => {
        const own = { secureContext: ownContext(NO_NAME), SNICallback: byName };
        secure(connection, opened, mounted ? { secureContext: mounted } : own);
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

function secure(connection: Duplex, opened: (inside: Duplex) => void, certificates: TLSSocketOptions): void {
  const inside = new TLSSocket(connection as never, { isServer: true, ...certificates });
  // Connections of the cluster's network know who made them.
  Object.assign(inside, { clientAddress: (connection as { clientAddress?: string }).clientAddress });
  inside.on('error', () => connection.destroy());
  inside.once('secure', () => opened(inside));
}

const contextsOf = (identity: TlsIdentity): TLSSocketOptions => ({
  secureContext: identity.standard(),
  SNICallback: (name, found) => found(null, identity.contextFor(name)),
});

function byName(name: string, answer: (failure: Error | null, context?: SecureContext) => void): void {
  answer(null, ownContext(name));
}

/** Tokens of service accounts: signed JWTs that say for whom, for how long, and bound to which object. */
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { Clock } from '#common/base/clock';
import { randomUuid, type Random } from '#common/base/random';
import type { KubeObject } from '#common/kube/object';
import { Pods, Secrets, ServiceAccounts } from '#common/kube/resources';
import type { TypedResource } from '#common/kube/resource';
import { CREDENTIAL_ID, type User } from './user';

export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** A token that proves nothing. */
/** `isOurs`: the token claims to come from this server. */
export class InvalidToken extends Error {
  readonly isOurs: boolean;

  constructor(message: string, isOurs = true) {
    super(message);
    this.isOurs = isOurs;
  }
}

/** Objects as they are stored now. */
export interface ObjectLookUp {
  get<T extends KubeObject>(resource: TypedResource<T>, key: string): T | undefined;
}

interface BoundObject {
  name: string;
  uid: string;
}

interface Claims {
  iss: string;
  sub: string;
  aud: string[];
  exp: number;
  iat: number;
  nbf: number;
  jti: string;
  'kubernetes.io': {
    namespace: string;
    serviceaccount: BoundObject;
    pod?: BoundObject;
    secret?: BoundObject;
    node?: { name: string; uid?: string };
  };
}

export interface TokenRequest {
  namespace: string;
  serviceAccount: BoundObject;
  audiences: readonly string[];
  expirationSeconds: number;
  /** The Pod or Secret the token ends with. */
  boundTo?: { kind: 'Pod' | 'Secret'; name: string; uid: string } | undefined;
}

export interface TokenSource {
  clock: Clock;
  random: Random;
  /** An EC P-256 key. */
  key: KeyObject;
  objects: ObjectLookUp;
}

const ALGORITHM = 'sha256';

export class ServiceAccountTokens {
  readonly #source: TokenSource;
  readonly #publicKey: KeyObject;
  readonly #keyId: string;

  constructor(source: TokenSource) {
    this.#source = source;
    this.#publicKey = createPublicKey(source.key);
    const der = this.#publicKey.export({ type: 'spki', format: 'der' });
    this.#keyId = createHash('sha256').update(der).digest('base64url');
  }

  issue({ namespace, serviceAccount, audiences, expirationSeconds, boundTo }: TokenRequest): {
    token: string;
    expiresMs: number;
  } {
    const now = Math.floor(this.#source.clock.now() / 1000);
    const claims: Claims = {
      aud: audiences.length > 0 ? [...audiences] : [ISSUER],
      exp: now + expirationSeconds,
      iat: now,
      iss: ISSUER,
      jti: randomUuid(this.#source.random),
      'kubernetes.io': {
        namespace,
        ...(boundTo ? { [boundTo.kind === 'Pod' ? 'pod' : 'secret']: { name: boundTo.name, uid: boundTo.uid } } : {}),
        serviceaccount: serviceAccount,
      },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    };
    const signed = `${encoded({ alg: 'ES256', kid: this.#keyId })}.${encoded(claims)}`;
    const signature = sign(ALGORITHM, Buffer.from(signed), { key: this.#source.key, dsaEncoding: 'ieee-p1363' });
    return { token: `${signed}.${signature.toString('base64url')}`, expiresMs: claims.exp * 1000 };
  }

  /** The user of a token for this server's own audience, or one of `audiences`. Throws InvalidToken. */
  userOf(token: string, audiences: readonly string[] = [ISSUER]): User {
    const claims = this.#verified(token);
    if (!claims.aud.some((one) => audiences.includes(one))) throw new InvalidToken('the token is for another audience');
    return this.#userOf(claims);
  }

  /** Keys as `/openid/v1/jwks` publishes them. */
  jwks(): object {
    const { kty, crv, x, y } = this.#publicKey.export({ format: 'jwk' });
    return { keys: [{ use: 'sig', kty, kid: this.#keyId, crv, alg: 'ES256', x, y }] };
  }

  #verified(token: string): Claims {
    const [header = '', body = '', signature = ''] = token.split('.');
    const claims = claimsOf(body);
    if (claims?.iss !== ISSUER) throw new InvalidToken('the token is of another issuer', false);
    const key = { key: this.#publicKey, dsaEncoding: 'ieee-p1363' } as const;
    const isSigned = verify(ALGORITHM, Buffer.from(`${header}.${body}`), key, Buffer.from(signature, 'base64url'));
    if (!isSigned) throw new InvalidToken('the signature is not ours');
    const now = this.#source.clock.now() / 1000;
    if (claims.exp <= now) throw new InvalidToken('the token has expired');
    return claims;
  }

  #userOf({ 'kubernetes.io': about, jti }: Claims): User {
    const { namespace, serviceaccount, pod, secret } = about;
    this.#mustLive(ServiceAccounts, namespace, serviceaccount);
    if (pod) this.#mustLive(Pods, namespace, pod);
    if (secret) this.#mustLive(Secrets, namespace, secret);
    return {
      name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
      uid: serviceaccount.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
      extra: {
        [CREDENTIAL_ID]: [`JTI=${jti}`],
        ...(pod
          ? {
              'authentication.kubernetes.io/pod-name': [pod.name],
              'authentication.kubernetes.io/pod-uid': [pod.uid],
            }
          : {}),
      },
    };
  }

  #mustLive<T extends KubeObject>(resource: TypedResource<T>, namespace: string, { name, uid }: BoundObject): void {
    const object = this.#source.objects.get(resource, `${namespace}/${name}`);
    if (object?.metadata.uid !== uid) throw new InvalidToken(`the ${resource.kind} of the token is gone`);
  }
}

function claimsOf(body: string): Claims | undefined {
  try {
    return JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Claims;
  } catch {
    return undefined;
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

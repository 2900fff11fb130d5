import type { KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import type { User } from './user';

/** The issuer of the cluster's own tokens, and the audience of its API server. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** A token of a known kind that proves nothing; the message is for who asks for a review of it. */
export class InvalidToken extends Error {}

/** Objects as they are stored now. */
export interface TokenObjects {
  get<T extends KubeObject>(resource: TypedResource<T>, key: string): T | undefined;
  /** Stores another state of an object that was just read. */
  replace<T extends KubeObject>(resource: TypedResource<T>, key: string, object: T): void;
}

/** What a token has proven. */
export interface Recognized {
  user: User;
  /** Of those that were asked for, or the server's own. */
  audiences: readonly string[];
  /** Texts of Warning headers. */
  warnings?: readonly string[];
}

/** One kind of token: answers for those of its kind, and leaves others to the next. */
export interface TokenKind {
  /** Throws InvalidToken for a token of this kind that is not good. */
  recognize(token: string, audiences?: readonly string[]): Recognized | undefined | Promise<Recognized | undefined>;
}

/** Tokens with which machines join: `id.secret`, kept in Secrets of type bootstrap.kubernetes.io/token. */
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '#common/base/clock';
import { Secrets } from '#common/kube/resources';
import type { Secret } from '#common/kube/types';
import { ISSUER, InvalidToken, type Recognized, type TokenKind, type TokenObjects } from './token';

const PATTERN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const TYPE = 'bootstrap.kubernetes.io/token';
const NAMESPACE = 'kube-system';
const DEFAULT_GROUP = 'system:bootstrappers';
const GROUP_PATTERN = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

export class BootstrapTokens implements TokenKind {
  readonly #objects: Pick<TokenObjects, 'get'>;
  readonly #clock: Clock;

  constructor(objects: Pick<TokenObjects, 'get'>, clock: Clock) {
    this.#objects = objects;
    this.#clock = clock;
  }

  recognize(token: string): Recognized | undefined {
    const [, id = '', secret = ''] = PATTERN.exec(token) ?? [];
    if (!id) return undefined;
    const kept = this.#objects.get(Secrets, `${NAMESPACE}/bootstrap-token-${id}`);
    if (!kept || !isGood(kept, { id, secret, nowMs: this.#clock.now() })) return undefined;
    const groups = groupsOf(kept);
    return { user: { name: `system:bootstrap:${id}`, groups }, audiences: [ISSUER] };
  }
}

function isGood(kept: Secret, { id, secret, nowMs }: { id: string; secret: string; nowMs: number }): boolean {
  const { metadata, type } = kept;
  if (metadata.deletionTimestamp || type !== TYPE) return false;
  const [left, right] = [Buffer.from(valueOf(kept, 'token-secret')), Buffer.from(secret)];
  if (left.length !== right.length || !timingSafeEqual(left, right) || valueOf(kept, 'token-id') !== id) return false;
  return !isExpired(kept, nowMs) && valueOf(kept, 'usage-bootstrap-authentication') === 'true';
}

/** A time that cannot be read is over. */
function isExpired(kept: Secret, nowMs: number): boolean {
  const expiration = valueOf(kept, 'expiration');
  if (expiration === '') return false;
  const at = Date.parse(expiration);
  return Number.isNaN(at) || at <= nowMs;
}

function groupsOf(kept: Secret): string[] {
  const extra = valueOf(kept, 'auth-extra-groups');
  if (extra === '') return [DEFAULT_GROUP];
  const groups = extra.split(',');
  const wrong = groups.find((group) => !GROUP_PATTERN.test(group));
  if (wrong !== undefined) throw new InvalidToken(`bootstrap group ${JSON.stringify(wrong)} is invalid`);
  return [...new Set([DEFAULT_GROUP, ...groups])].sort();
}

function valueOf({ data }: Secret, key: string): string {
  return Buffer.from(data?.[key] ?? '', 'base64').toString('utf8');
}

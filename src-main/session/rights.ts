import type { Clock } from '#common/base/clock';
import { ApiStatusError } from '#common/kube/status-error';
import { resource } from '#common/kube/resource';
import type { KubeClient } from '#main/client/client';
import type { KubeObject } from '#common/kube/object';
import type { AccessAnswer, AccessQuestion } from './session';

/** Rights change seldom, and a wrong answer is corrected by the server's refusal. */
const KEPT_MS = 60_000;
const MAX_KEPT = 2000;

interface AccessReview extends KubeObject {
  spec: unknown;
  status?: { allowed: boolean; denied?: boolean; reason?: string };
}

interface SelfReview extends KubeObject {
  status?: { userInfo?: { username?: string; groups?: string[] } };
}

const AccessReviews = resource<AccessReview>({
  group: 'authorization.k8s.io',
  plural: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
});

const SelfReviews = resource<SelfReview>({
  group: 'authentication.k8s.io',
  plural: 'selfsubjectreviews',
  kind: 'SelfSubjectReview',
  namespaced: false,
});

/** What the user of one connection may do; answers are kept for a minute. */
export class Rights {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #kept = new Map<string, { answer: Promise<AccessAnswer>; until: number }>();

  constructor(client: KubeClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  forget(): void {
    this.#kept.clear();
  }

  may(question: AccessQuestion): Promise<AccessAnswer> {
    const { verb, group, resource, subresource, namespace, name } = question;
    const key = JSON.stringify([verb, group, resource, subresource, namespace, name]);
    const kept = this.#kept.get(key);
    if (kept && this.#clock.now() < kept.until) return kept.answer;
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    const answer = this.#ask(question);
    this.#kept.set(key, { answer, until: this.#clock.now() + KEPT_MS });
    // A question that could not be asked is asked again.
    answer.catch(() => this.#kept.delete(key));
    return answer;
  }

  /** True when one rule gives everything, as cluster-admin has it. */
  async all(): Promise<boolean> {
    return (await this.may({ verb: '*', group: '*', resource: '*' })).allowed;
  }

  /** Who the server takes us for; nothing where it cannot tell (before 1.28). */
  async self(signal?: AbortSignal): Promise<{ user?: string; groups?: readonly string[] }> {
    try {
      const { status } = await this.#client.create(SelfReviews, { metadata: {} }, { signal });
      const { username, groups } = status?.userInfo ?? {};
      return { ...(username ? { user: username } : {}), ...(groups ? { groups } : {}) };
    } catch (failure) {
      if (failure instanceof ApiStatusError && [403, 404, 405].includes(failure.code)) return {};
      throw failure;
    }
  }

  async #ask(question: AccessQuestion): Promise<AccessAnswer> {
    const review = { metadata: {}, spec: { resourceAttributes: question } };
    const { status } = await this.#client.create(AccessReviews, review);
    return { allowed: status?.allowed ?? false, ...(status?.reason ? { reason: status.reason } : {}) };
  }
}

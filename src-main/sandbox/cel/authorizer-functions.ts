/** `authorizer`: asks what who sent a request may do besides it. */
import type { Environment } from '@marcbachmann/cel-js';

/** What is asked about; empty parts are not said. */
export interface AccessCheck {
  user: { name: string; groups: readonly string[] };
  verb: string;
  path?: string;
  group: string;
  resource: string;
  subresource: string;
  namespace: string;
  name: string;
}

type Ask = (check: AccessCheck) => { allowed: boolean; reason: string };

class Decision {
  readonly allowed: boolean;
  readonly reason: string;

  constructor({ allowed, reason }: { allowed: boolean; reason: string }) {
    this.allowed = allowed;
    this.reason = reason;
  }
}

/** A question that is not whole yet. */
class Check {
  readonly about: AccessCheck;
  readonly ask: Ask;

  constructor(about: AccessCheck, ask: Ask) {
    this.about = about;
    this.ask = ask;
  }

  check(verb: string): Decision {
    return new Decision(this.ask({ ...this.about, verb }));
  }
}

class PathCheck extends Check {}
class GroupCheck extends Check {}
class ResourceCheck extends Check {}

/** The value of the variable `authorizer`. */
export class CelAuthorizer {
  readonly user: AccessCheck['user'];
  readonly ask: Ask;

  constructor(user: AccessCheck['user'], ask: Ask) {
    this.user = user;
    this.ask = ask;
  }

  /** Nothing asked yet. */
  get nothing(): AccessCheck {
    return { user: this.user, verb: '', group: '', resource: '', subresource: '', namespace: '', name: '' };
  }
}

const AUTHORIZER = 'kubernetes.authorization.Authorizer';
const PATH = 'kubernetes.authorization.PathCheck';
const GROUP = 'kubernetes.authorization.GroupCheck';
const RESOURCE = 'kubernetes.authorization.ResourceCheck';
const DECISION = 'kubernetes.authorization.Decision';

export function addAuthorizerFunctions(environment: Environment): void {
  const narrowed = (field: 'subresource' | 'namespace' | 'name') => (check: ResourceCheck, value: string) =>
    new ResourceCheck({ ...check.about, [field]: value }, check.ask);
  environment
    .registerType(AUTHORIZER, { ctor: CelAuthorizer, fields: {} })
    .registerType(PATH, { ctor: PathCheck, fields: {} })
    .registerType(GROUP, { ctor: GroupCheck, fields: {} })
    .registerType(RESOURCE, { ctor: ResourceCheck, fields: {} })
    .registerType(DECISION, { ctor: Decision, fields: {} })
    .registerFunction(
      `${AUTHORIZER}.path(string): ${PATH}`,
      ({ nothing, ask }: CelAuthorizer, path: string) => new PathCheck({ ...nothing, path }, ask),
    )
    .registerFunction(
      `${AUTHORIZER}.group(string): ${GROUP}`,
      ({ nothing, ask }: CelAuthorizer, group: string) => new GroupCheck({ ...nothing, group }, ask),
    )
    .registerFunction(
      `${AUTHORIZER}.serviceAccount(string, string): ${AUTHORIZER}`,
      ({ ask }: CelAuthorizer, namespace: string, name: string) =>
        new CelAuthorizer(
          {
            name: `system:serviceaccount:${namespace}:${name}`,
            groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
          },
          ask,
        ),
    )
    .registerFunction(
      `${GROUP}.resource(string): ${RESOURCE}`,
      ({ about, ask }: GroupCheck, resource: string) => new ResourceCheck({ ...about, resource }, ask),
    )
    .registerFunction(`${RESOURCE}.subresource(string): ${RESOURCE}`, narrowed('subresource'))
    .registerFunction(`${RESOURCE}.namespace(string): ${RESOURCE}`, narrowed('namespace'))
    .registerFunction(`${RESOURCE}.name(string): ${RESOURCE}`, narrowed('name'))
    .registerFunction(`${RESOURCE}.check(string): ${DECISION}`, (check: ResourceCheck, verb: string) =>
      check.check(verb),
    )
    .registerFunction(`${PATH}.check(string): ${DECISION}`, (check: PathCheck, verb: string) => check.check(verb))
    .registerFunction(`${DECISION}.allowed(): bool`, ({ allowed }: Decision) => allowed)
    .registerFunction(`${DECISION}.reason(): string`, ({ reason }: Decision) => reason)
    .registerFunction(`${DECISION}.errored(): bool`, () => false)
    .registerFunction(`${DECISION}.error(): string`, () => '');
}

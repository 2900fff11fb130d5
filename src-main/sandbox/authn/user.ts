/** Who a request comes from. */
export interface User {
  name: string;
  groups: readonly string[];
  uid?: string;
  extra?: Readonly<Record<string, readonly string[]>>;
}

/** The key under which users tell by what they were recognised. */
export const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';
export const AUTHENTICATED = 'system:authenticated';
export const MASTERS = 'system:masters';

export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** A user and the group that everybody is in who was recognised. */
export function authenticated(user: User): User {
  if (user.groups.includes(AUTHENTICATED)) return user;
  return { ...user, groups: [...user.groups, AUTHENTICATED] };
}

import type { Requester } from '#main/sandbox/registry/registry-context';
import type { OnwardHeaders } from '../onward';

/** The headers by which a server believes its front proxy who is asking. */
export function remoteUser({ name, uid, groups, extra = {} }: Requester): OnwardHeaders {
  const extras = Object.entries(extra).map(([key, values]) => [`x-remote-extra-${escaped(key)}`, [...values]]);
  return {
    'x-remote-user': name,
    ...(uid ? { 'x-remote-uid': uid } : {}),
    ...(groups.length > 0 ? { 'x-remote-group': [...groups] } : {}),
    ...(Object.fromEntries(extras) as OnwardHeaders),
  };
}

/** What may not stand in the name of a header is written as in a URL. */
function escaped(key: string): string {
  return key.replaceAll(/[^!#$&'*+.^_`|~0-9a-z-]/gi, (one) =>
    [...Buffer.from(one)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { get } from '../verbs/get';
import { patch } from '../verbs/patch';
import { update } from '../verbs/update';
import { bind } from './binding';
import { evict } from './eviction';
import { scale } from './scale';
import { issueToken } from './token';

type Handler = (exchange: ResourceExchange) => Promise<ApiResponse>;

/** Subresources with a form of their own; the others are doors to the same object. */
const OWN: Readonly<Record<string, Partial<Record<string, Handler>>>> = {
  scale: { get: scale.get, update: scale.update, patch: scale.patch },
  binding: { create: bind },
  eviction: { create: evict },
  token: { create: issueToken },
  finalize: { update },
};

const DOORS: Readonly<Record<string, Handler>> = { get, update, patch };

/** The handler of a subresource that works on stored objects; undefined when the kind does not have it. */
export function subresourceHandler({ info, served }: ResourceExchange): Handler | undefined {
  const known = served.definition.subresources?.some(({ name }) => name === info.subresource);
  if (!known) return undefined;
  const own = OWN[info.subresource];
  return own ? own[info.verb] : DOORS[info.verb];
}

import { failure } from '#common/kube/status-error';
import { InvalidToken } from '#main/sandbox/authn/token';
import { anonymous } from '#main/sandbox/authn/user';
import type { Filter } from '../chain';
import type { Exchange } from '../exchange';

/** Paths that answer strangers. */
const OPEN_PATHS = new Set(['/healthz', '/livez', '/readyz', '/version', '/version/']);

/** Finds out who is asking. */
export const authenticate: Filter = async (exchange, next) => {
  exchange.user = (await userOf(exchange)) ?? stranger(exchange);
  return next();
};

async function userOf({ request, server }: Exchange) {
  const { peer, headers } = request;
  try {
    return await server.authenticator.authenticate({ ...peer, authorization: headers['authorization'] });
  } catch (problem) {
    if (problem instanceof InvalidToken) throw unauthorized();
    throw problem;
  }
}

function stranger({ info }: Exchange) {
  const isOpen = OPEN_PATHS.has(info.path) || /^\/(livez|readyz|healthz)\//.test(info.path);
  if (!isOpen) throw unauthorized();
  return anonymous;
}

const unauthorized = () => failure(401, 'Unauthorized', 'Unauthorized');

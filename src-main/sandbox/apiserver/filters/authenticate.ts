import { failure } from '#common/kube/status-error';
import { InvalidToken } from '#main/sandbox/authn/token';
import { anonymous } from '#main/sandbox/authn/user';
import type { Filter } from '../chain';
import type { Exchange } from '../exchange';

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

/** Who says nothing is anonymous; where everybody may do everything, that is for health alone. */
function stranger({ info, server }: Exchange) {
  if (server.authorizer.allowsAll && !/^\/(?:livez|readyz|healthz|version)(?:\/|$)/.test(info.path))
    throw unauthorized();
  return anonymous;
}

const unauthorized = () => failure(401, 'Unauthorized', 'Unauthorized');

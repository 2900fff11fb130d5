import { badRequest } from '#main/sandbox/registry/status-errors';
import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { messageDuplex } from '../streams/message-duplex';
import { portForwardOverSpdy, type Dial } from '../streams/port-forward';
import { FORWARD_CHANNEL_PROTOCOLS, portForwardOverChannels } from '../streams/port-forward-over-channels';
import { podOnNode } from './pod-on-node';
import { chooseProtocol, upgradeWish } from './upgrade-request';

const SPDY_PROTOCOL = 'portforward.k8s.io';
/** SPDY frames inside of WebSocket messages. */
const TUNNEL_PROTOCOL = `SPDY/3.1+${SPDY_PROTOCOL}`;

export async function portForward(exchange: ResourceExchange): Promise<ApiResponse> {
  const { transport, protocols } = upgradeWish(exchange.request);
  const { node, ref, pod } = podOnNode(exchange);
  if (pod.status?.phase !== 'Running') {
    throw badRequest(
      `unable to forward port because pod is not running. Current status=${pod.status?.phase ?? 'Unknown'}`,
    );
  }
  const { signal } = exchange.request;
  const dial: Dial = (port) => node.dial(ref, port, signal);
  if (transport === 'spdy') {
    const protocol = chooseProtocol(protocols, [SPDY_PROTOCOL]);
    return {
      status: 101,
      headers: {},
      upgrade: { kind: 'spdy', protocol, run: (io) => portForwardOverSpdy(io, dial) },
    };
  }
  const protocol = chooseProtocol(protocols, [TUNNEL_PROTOCOL, ...FORWARD_CHANNEL_PROTOCOLS]);
  const ports = exchange.request.query.getAll('ports').flatMap((list) => list.split(',').map(Number));
  return {
    status: 101,
    headers: {},
    upgrade: {
      kind: 'websocket',
      protocol,
      isText: protocol.includes('base64'),
      run: (socket) =>
        protocol === TUNNEL_PROTOCOL
          ? portForwardOverSpdy(messageDuplex(socket), dial)
          : portForwardOverChannels({ socket, protocol, ports, dial }),
    },
  };
}

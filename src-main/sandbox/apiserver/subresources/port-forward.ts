import { badRequest } from '#main/sandbox/registry/status-errors';
import type { ApiResponse, Upgrade } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { messageDuplex } from '../streams/message-duplex';
import { portForwardOverSpdy, type Dial } from '../streams/port-forward';
import { FORWARD_CHANNEL_PROTOCOLS, portForwardOverChannels } from '../streams/port-forward-over-channels';
import { asKubeletAnswers, kubeletRefusal } from './kubelet-answer';
import { mustBeAllowedToCreate, podOf, podOnNode } from './pod-on-node';
import { chooseProtocol, upgradeWish, type UpgradeWish } from './upgrade-request';

const SPDY_PROTOCOL = 'portforward.k8s.io';
/** SPDY frames inside of WebSocket messages. */
const TUNNEL_PROTOCOL = `SPDY/3.1+${SPDY_PROTOCOL}`;

export async function portForward(exchange: ResourceExchange): Promise<ApiResponse> {
  const ports = portsOf(exchange.request.query);
  mustBeAllowedToCreate(exchange);
  const { node, ref, pod } = podOnNode(exchange, podOf(exchange));
  const wish = upgradeWish(exchange.request);
  return asKubeletAnswers(async () => {
    if (!pod.status?.podIP) throw kubeletRefusal(500, `pod not found ("${ref.name}_${ref.namespace}")`);
    const { signal } = exchange.request;
    const dial: Dial = (port) => node.dial(ref, port, signal);
    return { status: 101, headers: {}, upgrade: forwarding(wish, ports, dial) };
  });
}

function forwarding(wish: UpgradeWish, ports: readonly number[], dial: Dial): Upgrade {
  if (wish.transport === 'spdy') {
    const protocol = chooseProtocol(wish, [SPDY_PROTOCOL]);
    return { kind: 'spdy', protocol, run: (io) => portForwardOverSpdy(io, dial) };
  }
  const protocol = chooseProtocol(wish, [TUNNEL_PROTOCOL, ...FORWARD_CHANNEL_PROTOCOLS]);
  return {
    kind: 'websocket',
    protocol,
    isText: protocol.includes('base64'),
    run: (socket) =>
      protocol === TUNNEL_PROTOCOL
        ? portForwardOverSpdy(messageDuplex(socket), dial)
        : portForwardOverChannels({ socket, protocol, ports, dial }),
  };
}

/** Throws BadRequest for what is no port. */
function portsOf(query: URLSearchParams): number[] {
  return query.getAll('ports').flatMap((list) => list.split(',').map(portOf));
}

function portOf(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  const why = Number.isNaN(port) ? 'invalid syntax' : 'value out of range';
  throw badRequest(`cannot convert to []int32: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`);
}

import type { ExecQuery } from '#main/base/node-api';
import type { ProcessStreams } from '#main/base/process-streams';
import type { ApiResponse, Upgrade } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { isTrue } from '../request-info';
import { commandOverSpdy, SPDY_COMMAND_PROTOCOLS } from '../streams/command-over-spdy';
import { COMMAND_PROTOCOLS, commandOverWebSocket } from '../streams/command-over-websocket';
import { asKubeletAnswers, kubeletRefusal } from './kubelet-answer';
import { containerOf, mustBeAllowedToCreate, podOf, podOnNode } from './pod-on-node';
import { chooseProtocol, upgradeWish } from './upgrade-request';

/** Runs a command in a container, joined to the client's streams. */
export function exec(exchange: ResourceExchange): Promise<ApiResponse> {
  const command = exchange.request.query.getAll('command');
  return connected(exchange, ({ node, ref }, query) => {
    if (command.length === 0) throw kubeletRefusal(400, 'you must specify a command');
    return node.exec(ref, { ...query, command }, query.signal);
  });
}

/** Joins the client to the process a container runs already. */
export function attach(exchange: ResourceExchange): Promise<ApiResponse> {
  return connected(exchange, ({ node, ref }, query) => node.attach(ref, query, query.signal));
}

type Query = Omit<ExecQuery, 'command'> & { signal: AbortSignal };
type Start = (on: ReturnType<typeof podOnNode>, query: Query) => Promise<ProcessStreams>;

/** Refusals come in the order of a real server: its own, that there is nothing to upgrade, then the kubelet's. */
async function connected(exchange: ResourceExchange, start: Start): Promise<ApiResponse> {
  mustBeAllowedToCreate(exchange);
  const pod = podOf(exchange);
  const container = containerOf(pod, exchange.request.query.get('container'));
  const onNode = podOnNode(exchange, pod);
  const wish = upgradeWish(exchange.request);
  return asKubeletAnswers(async () => {
    const query = queryOf(exchange, container);
    const protocol = chooseProtocol(wish, wish.transport === 'spdy' ? SPDY_COMMAND_PROTOCOLS : COMMAND_PROTOCOLS);
    const process = await start(onNode, query);
    const upgrade: Upgrade =
      wish.transport === 'spdy'
        ? { kind: 'spdy', protocol, run: (io) => commandOverSpdy(io, protocol, { process, wanted: query }) }
        : {
            kind: 'websocket',
            protocol,
            isText: protocol.includes('base64'),
            run: (socket) => commandOverWebSocket(socket, protocol, process),
          };
    return { status: 101, headers: {}, upgrade };
  });
}

function queryOf({ request: { query, signal } }: ResourceExchange, container: string): Query {
  const flag = (name: string): boolean => isTrue(query.get(name));
  const wanted = { stdin: flag('stdin'), stdout: flag('stdout'), stderr: flag('stderr'), tty: flag('tty') };
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr) {
    throw kubeletRefusal(400, 'you must specify at least 1 of stdin, stdout, stderr');
  }
  return { ...wanted, container, signal };
}

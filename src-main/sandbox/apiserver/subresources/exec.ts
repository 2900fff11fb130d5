import type { ExecQuery } from '#main/base/node-api';
import type { ProcessStreams } from '#main/base/process-streams';
import { invalidValue, required } from '#main/sandbox/registry/field-errors';
import { invalid } from '#main/sandbox/registry/status-errors';
import type { ApiResponse, Upgrade } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { isTrue } from '../request-info';
import { commandOverSpdy, SPDY_COMMAND_PROTOCOLS } from '../streams/command-over-spdy';
import { COMMAND_PROTOCOLS, commandOverWebSocket } from '../streams/command-over-websocket';
import { containerOf, podOf, podOnNode } from './pod-on-node';
import { chooseProtocol, upgradeWish } from './upgrade-request';

/** Runs a command in a container, joined to the client's streams. */
export async function exec(exchange: ResourceExchange): Promise<ApiResponse> {
  const command = exchange.request.query.getAll('command');
  if (command.length === 0) {
    throw invalid({ group: '', kind: 'PodExecOptions' }, exchange.info.name, [required('command')]);
  }
  return connected(exchange, 'PodExecOptions', (node, query) =>
    node.node.exec(node.ref, { ...query, command }, query.signal),
  );
}

/** Joins the client to the process a container runs already. */
export async function attach(exchange: ResourceExchange): Promise<ApiResponse> {
  return connected(exchange, 'PodAttachOptions', (node, query) => node.node.attach(node.ref, query, query.signal));
}

type Query = Omit<ExecQuery, 'command'> & { signal: AbortSignal };
type Start = (node: ReturnType<typeof podOnNode>, query: Query) => Promise<ProcessStreams>;

async function connected(exchange: ResourceExchange, kind: string, start: Start): Promise<ApiResponse> {
  const wish = upgradeWish(exchange.request);
  const known = wish.transport === 'spdy' ? SPDY_COMMAND_PROTOCOLS : COMMAND_PROTOCOLS;
  const protocol = chooseProtocol(wish.protocols, known);
  const query = queryOf(exchange, kind);
  const process = await start(podOnNode(exchange), query);
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
}

function queryOf(exchange: ResourceExchange, kind: string): Query {
  const { query, signal } = exchange.request;
  const flag = (name: string): boolean => isTrue(query.get(name));
  const wanted = { stdin: flag('stdin'), stdout: flag('stdout'), stderr: flag('stderr'), tty: flag('tty') };
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr) {
    const detail = 'you must specify at least one of stdin, stdout, stderr';
    throw invalid({ group: '', kind }, exchange.info.name, [invalidValue('', '', detail)]);
  }
  return { ...wanted, container: containerOf(podOf(exchange), query.get('container')), signal };
}

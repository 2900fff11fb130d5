import { badRequest } from '#main/sandbox/registry/status-errors';
import type { ApiRequest } from '../api-request';
import { kubeletRefusal } from './kubelet-answer';

/** How the client wants to go on: which transport, and the protocols it speaks on it. */
export interface UpgradeWish {
  transport: 'websocket' | 'spdy';
  protocols: string[];
}

/** Throws BadRequest for a request that does not ask for an upgrade. */
export function upgradeWish({ headers }: ApiRequest): UpgradeWish {
  const upgrade = (headers['upgrade'] ?? '').toLowerCase();
  if (upgrade === 'websocket') return { transport: 'websocket', protocols: list(headers['sec-websocket-protocol']) };
  if (upgrade === 'spdy/3.1') return { transport: 'spdy', protocols: list(headers['x-stream-protocol-version']) };
  throw badRequest('Upgrade request required');
}

const list = (header: string | undefined): string[] => (header ? header.split(',').map((one) => one.trim()) : []);

/** The first of the server's protocols that the client speaks too. Throws the kubelet's refusal when there is none. */
export function chooseProtocol({ transport, protocols: offered }: UpgradeWish, known: readonly string[]): string {
  if (offered.length === 0 && known.includes('')) return '';
  const found = known.find((one) => offered.includes(one));
  if (found !== undefined) return found;
  const [client, server] = [offered.join(' '), known.join(' ')];
  if (transport === 'websocket') {
    throw kubeletRefusal(400, `requested protocol(s) are not supported: [${client}]; supports [${server}]`);
  }
  if (offered.length === 0) throw kubeletRefusal(400, 'unable to upgrade: X-Stream-Protocol-Version is required');
  const why = `unable to negotiate protocol: client supports [${client}], server accepts [${server}]`;
  throw kubeletRefusal(403, `unable to upgrade: ${why}`);
}

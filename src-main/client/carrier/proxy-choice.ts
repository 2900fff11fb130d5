import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy for `server`: the cluster's own `proxy-url`, else the environment's, as kubectl chooses. */
export function chooseProxy(server: URL, proxyUrl: string | undefined, env: Environment): URL | undefined {
  if (proxyUrl) return new URL(proxyUrl);
  const names = server.protocol === 'https:' ? ['HTTPS_PROXY', 'https_proxy'] : ['HTTP_PROXY', 'http_proxy'];
  const chosen = names.map((name) => env[name]).find(Boolean);
  if (!chosen || isExcluded(server, env['NO_PROXY'] ?? env['no_proxy'] ?? '')) return undefined;
  return new URL(chosen.includes('://') ? chosen : `http://${chosen}`);
}

/** NO_PROXY as Go's httpproxy reads it: names, `.suffixes`, addresses, CIDR ranges, each with an optional port, or `*`. */
function isExcluded(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || isLoopback(host)) return true;
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && excludes(entry, host, port));
}

function excludes(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInRange(host, entry);
  if (isIP(entry) === 6) return host === entry;
  const [pattern = '', onlyPort = port] = entry.split(':');
  const name = pattern.replace(/^\*?\./, '');
  return onlyPort === port && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
}

function isInRange(host: string, range: string): boolean {
  const [address = '', bits = ''] = range.split('/');
  const family = isIP(address);
  if (family === 0 || isIP(host) !== family) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(address, Number(bits), type);
  return list.check(host, type);
}

function isLoopback(host: string): boolean {
  return (isIP(host) === 4 && host.startsWith('127.')) || host === '::1';
}

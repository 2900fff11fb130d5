/** How a program in a container finds addresses: `/etc/hosts`, then the name servers of `/etc/resolv.conf`. */
import type { IFileSystem } from 'just-bash';
import type { DnsAnswer, DnsType, PodNetwork } from '#main/base/pod-network';

export interface ResolverConfig {
  servers: readonly string[];
  searches: readonly string[];
  ndots: number;
}

export interface NameSource {
  fs: () => Promise<IFileSystem>;
  network: PodNetwork;
}

/** A name that nobody knows. */
export class UnknownHostError extends Error {
  override readonly name = 'UnknownHostError';
  readonly host: string;

  constructor(host: string) {
    super(`bad address '${host}'`);
    this.host = host;
  }
}

export const isAddress = (host: string): boolean => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);

export async function resolverConfig({ fs }: NameSource): Promise<ResolverConfig> {
  const text = await readIfThere(await fs(), '/etc/resolv.conf');
  const words = text.split('\n').map((line) => line.trim().split(/\s+/));
  const valuesOf = (key: string) => words.filter(([first]) => first === key).flatMap(([, ...rest]) => rest);
  const ndots = valuesOf('options').find((word) => word.startsWith('ndots:'));
  const searches = words.findLast(([first]) => first === 'search')?.slice(1) ?? [];
  return { servers: valuesOf('nameserver'), searches, ndots: Number(ndots?.slice(6) ?? 1) };
}

/** The names that are asked for one after the other. */
export function searchNames(name: string, { searches, ndots }: ResolverConfig): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const dots = name.split('.').length - 1;
  const expanded = searches.map((domain) => `${name}.${domain}`);
  return dots >= ndots ? [name, ...expanded] : [...expanded, name];
}

/** The addresses of a host; throws UnknownHostError, or a ConnectError when no name server answers. */
export async function resolveHost(source: NameSource, host: string, signal?: AbortSignal): Promise<string[]> {
  if (isAddress(host)) return [host];
  if (host === '0' || host === '') return ['127.0.0.1'];
  const known = await hostsEntry(source, host);
  if (known) return [known];
  const config = await resolverConfig(source);
  for (const name of searchNames(host, config)) {
    const { records } = await askServers(source, config, { name, type: 'A' }, signal);
    const addresses = records.flatMap(({ type, data }) => (type === 'A' ? [data] : []));
    if (addresses.length > 0) return addresses;
    const alias = records.find(({ type }) => type === 'CNAME');
    if (alias) throw new UnknownHostError(host);
  }
  throw new UnknownHostError(host);
}

/** Asks the first server that answers. */
export async function askServers(
  { network }: NameSource,
  { servers }: ResolverConfig,
  { name, type }: { name: string; type: DnsType },
  signal?: AbortSignal,
): Promise<DnsAnswer> {
  let failure: unknown = new UnknownHostError(name);
  for (const server of servers) {
    try {
      return await network.query(server, name, type, signal);
    } catch (cause) {
      if (signal?.aborted) throw cause;
      failure = cause;
    }
  }
  throw failure;
}

async function hostsEntry({ fs }: NameSource, host: string): Promise<string | undefined> {
  if (host === 'localhost') return '127.0.0.1';
  const text = await readIfThere(await fs(), '/etc/hosts');
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (names.includes(host) && isAddress(address)) return address;
  }
  return undefined;
}

async function readIfThere(fs: IFileSystem, path: string): Promise<string> {
  return (await fs.exists(path)) ? fs.readFile(path) : '';
}

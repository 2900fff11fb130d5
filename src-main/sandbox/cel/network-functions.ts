/** URLs and addresses in CEL: `url(self.endpoint).getScheme() == "https"`, `cidr("10.0.0.0/8").containsIP(self.address)`. */
import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Environment } from '@marcbachmann/cel-js';

class Ip {
  constructor(readonly text: string) {
    if (isIP(text) === 0) throw new Error(`IP Address "${text}" parse error during conversion from string`);
  }
}

class Cidr {
  readonly #block = new BlockList();

  constructor(readonly text: string) {
    const [address = '', bits = ''] = text.split('/');
    const isKnown = isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128);
    if (!isKnown) throw new Error(`network address parse error during conversion from string: ${text}`);
    this.#block.addSubnet(address, Number(bits), family(address));
  }

  get address(): string {
    return this.text.split('/', 1)[0] ?? '';
  }

  get bits(): number {
    return Number(this.text.split('/')[1]);
  }

  holds(address: string): boolean {
    return this.#block.check(address, family(address));
  }
}

class Url {
  readonly url: URL;

  constructor(text: string) {
    this.url = new URL(text);
  }
}

const family = (address: string): 'ipv4' | 'ipv6' => (isIPv4(address) ? 'ipv4' : 'ipv6');

export function addNetworkFunctions(environment: Environment): void {
  addUrls(environment);
  environment
    .registerType('net.IP', { ctor: Ip, fields: {} })
    .registerType('net.CIDR', { ctor: Cidr, fields: {} })
    .registerFunction('ip(string): net.IP', (text: string) => new Ip(text))
    .registerFunction('isIP(string): bool', (text: string) => isIP(text) !== 0)
    .registerFunction('net.IP.family(): int', ({ text }: Ip) => BigInt(isIP(text)))
    .registerFunction('net.IP.isLoopback(): bool', ({ text }: Ip) => text === '::1' || text.startsWith('127.'))
    .registerFunction('net.IP.isUnspecified(): bool', ({ text }: Ip) => text === '0.0.0.0' || text === '::')
    .registerFunction('cidr(string): net.CIDR', (text: string) => new Cidr(text))
    .registerFunction('isCIDR(string): bool', (text: string) => works(() => new Cidr(text)))
    .registerFunction('net.CIDR.containsIP(string): bool', (block: Cidr, text: string) =>
      block.holds(new Ip(text).text),
    )
    .registerFunction('net.CIDR.containsIP(net.IP): bool', (block: Cidr, { text }: Ip) => block.holds(text))
    .registerFunction('net.CIDR.containsCIDR(string): bool', (block: Cidr, text: string) =>
      containsBlock(block, new Cidr(text)),
    )
    .registerFunction('net.CIDR.containsCIDR(net.CIDR): bool', containsBlock)
    .registerFunction('net.CIDR.ip(): net.IP', ({ address }: Cidr) => new Ip(address))
    .registerFunction('net.CIDR.prefixLength(): int', ({ bits }: Cidr) => BigInt(bits));
}

const containsBlock = (outer: Cidr, inner: Cidr): boolean => outer.bits <= inner.bits && outer.holds(inner.address);

function addUrls(environment: Environment): void {
  environment
    .registerType('kubernetes.URL', { ctor: Url, fields: {} })
    .registerFunction('url(string): kubernetes.URL', (text: string) => new Url(text))
    .registerFunction('isURL(string): bool', (text: string) => works(() => new Url(text)))
    .registerFunction('kubernetes.URL.getScheme(): string', ({ url }: Url) => url.protocol.slice(0, -1))
    .registerFunction('kubernetes.URL.getHost(): string', ({ url }: Url) => url.host)
    .registerFunction('kubernetes.URL.getHostname(): string', ({ url }: Url) =>
      url.hostname.replace(/^\[(.*)\]$/, '$1'),
    )
    .registerFunction('kubernetes.URL.getPort(): string', ({ url }: Url) => url.port)
    .registerFunction('kubernetes.URL.getEscapedPath(): string', ({ url }: Url) => url.pathname)
    .registerFunction('kubernetes.URL.getQuery(): map', ({ url }: Url) =>
      Object.fromEntries([...url.searchParams.keys()].map((key) => [key, url.searchParams.getAll(key)])),
    );
}

function works(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch {
    return false;
  }
}

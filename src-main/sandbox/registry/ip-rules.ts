/** Addresses and ranges as the server reads, writes and criticises them (apimachinery's util/validation). */
import { invalidValue, type FieldError } from './field-errors';

const WRONG_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const WRONG_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

export interface IpAddress {
  family: 4 | 6;
  /** 4 or 16; a mapped IPv4 address has 4. */
  bytes: readonly number[];
  /** `::ffff:1.2.3.4`. */
  isMapped: boolean;
  /** Octets were written with zeros before them. */
  hasZeros: boolean;
}

export interface IpRange {
  address: IpAddress;
  bits: number;
  hasZeros: boolean;
}

/** Octets may have zeros before them, as Go once read them. Undefined for what is no address. */
export function parseIp(text: string): IpAddress | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): IpAddress | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^[0-9]{1,3}$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return { family: 4, bytes, isMapped: false, hasZeros: parts.some((part) => part.length > 1 && part.startsWith('0')) };
}

function parseIpv6(text: string): IpAddress | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map(groupsOf);
  const [head, tail = []] = groups;
  if (!head || groups.includes(undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...Array.from({ length: missing }, () => 0), ...(tail ?? [])];
  const bytes = all.flatMap((group) => [group >> 8, group & 255]);
  const isMapped = all.slice(0, 5).every((group) => group === 0) && all[5] === 0xff_ff;
  return isMapped
    ? { family: 4, bytes: bytes.slice(12), isMapped, hasZeros: false }
    : { family: 6, bytes, isMapped, hasZeros: false };
}

/** Groups of 16 bits; the last may be written as an IPv4 address. */
function groupsOf(half: string): number[] | undefined {
  if (half === '') return [];
  const groups: number[] = [];
  const parts = half.split(':');
  for (const [at, part] of parts.entries()) {
    if (part.includes('.')) {
      const four = at === parts.length - 1 ? parseIpv4(part) : undefined;
      if (!four) return undefined;
      const [a = 0, b = 0, c = 0, d = 0] = four.bytes;
      groups.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** RFC 5952. */
export function ipText({ family, bytes }: IpAddress): string {
  if (family === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0));
  const { start, length } = longestZeros(groups);
  const words = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return words(groups);
  return `${words(groups.slice(0, start))}::${words(groups.slice(start + length))}`;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

export function parseCidr(text: string): IpRange | undefined {
  const slash = text.indexOf('/');
  const bitsText = text.slice(slash + 1);
  const address = slash < 0 ? undefined : parseIp(text.slice(0, slash));
  if (!address || !/^[0-9]+$/.test(bitsText)) return undefined;
  const bits = Number(bitsText);
  if (bits > (address.family === 4 && !address.isMapped ? 32 : 128)) return undefined;
  return {
    address,
    bits,
    hasZeros: address.hasZeros || (bitsText.length > 1 && bitsText.startsWith('0')),
  };
}

/** The range's first address. */
function networkOf({ address, bits }: IpRange): IpAddress {
  const size = address.isMapped ? Math.max(0, bits - 96) : bits;
  const bytes = address.bytes.map((byte, at) => byte & (0xff << Math.max(0, Math.min(8, 8 * (at + 1) - size))) & 0xff);
  return { ...address, bytes };
}

export function cidrText(range: IpRange): string {
  return `${ipText(networkOf(range))}/${range.address.isMapped ? Math.max(0, range.bits - 96) : range.bits}`;
}

const isNetwork = (range: IpRange): boolean => ipText(networkOf(range)) === ipText(range.address);

/** Whether `inner` is a part of `outer`, and not all of it. */
export function isStrictSubset(inner: IpRange, outer: IpRange): boolean {
  if (inner.address.family !== outer.address.family || outer.bits >= inner.bits) return false;
  return ipText(networkOf({ ...inner, bits: outer.bits })) === ipText(networkOf(outer));
}

/** Fields that once took anything that Go could read. What stood there before is right. */
export function checkIp(text: string, path: string, into: FieldError[], before: readonly string[] = []): boolean {
  if (before.includes(text)) return true;
  const ip = parseIp(text);
  if (!ip) into.push(invalidValue(path, text, WRONG_IP));
  else if (ip.hasZeros) into.push(invalidValue(path, text, 'must not have leading 0s'));
  else if (ip.isMapped) into.push(invalidValue(path, text, 'must not be an IPv4-mapped IPv6 address'));
  else return true;
  return false;
}

export function checkCanonicalIp(text: string, path: string, into: FieldError[]): boolean {
  if (!checkIp(text, path, into)) return false;
  const ip = parseIp(text);
  const canonical = ip && ipText(ip);
  if (canonical === text) return true;
  into.push(invalidValue(path, text, `must be in canonical form ("${canonical}")`));
  return false;
}

export function checkCidr(text: string, path: string, into: FieldError[], before: readonly string[] = []): boolean {
  if (before.includes(text)) return true;
  const range = parseCidr(text);
  if (!range) into.push(invalidValue(path, text, WRONG_CIDR));
  else if (range.hasZeros) into.push(invalidValue(path, text, 'must not have leading 0s in IP or prefix length'));
  else if (range.address.isMapped) into.push(invalidValue(path, text, 'must not have an IPv4-mapped IPv6 address'));
  else if (!isNetwork(range)) into.push(invalidValue(path, text, 'must not have bits set beyond the prefix length'));
  else return true;
  return false;
}

export function checkCanonicalCidr(text: string, path: string, into: FieldError[]): void {
  if (!checkCidr(text, path, into)) return;
  const range = parseCidr(text);
  const canonical = range && cidrText(range);
  if (canonical !== text) into.push(invalidValue(path, text, `must be in canonical form ("${canonical}")`));
}

/** Addresses that no Pod and no Service may have. */
export function checkEndpointIp(text: string, path: string, into: FieldError[]): void {
  const ip = parseIp(text);
  if (!ip) {
    into.push(invalidValue(path, text, 'must be a valid IP address'));
    return;
  }
  const canonical = ipText(ip);
  const [first = 0, second = 0, third = 0] = ip.bytes;
  const isFour = ip.family === 4;
  if (canonical === '0.0.0.0' || canonical === '::')
    into.push(invalidValue(path, text, `may not be unspecified (${text})`));
  if (isFour ? first === 127 : canonical === '::1')
    into.push(invalidValue(path, text, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
  if (isFour ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80)
    into.push(invalidValue(path, text, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'));
  if (isFour ? first === 224 && second === 0 && third === 0 : first === 0xff && (second & 0x0f) === 2)
    into.push(invalidValue(path, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'));
}

/** Two addresses of two families. */
export function isDualStack(texts: readonly string[]): boolean {
  const families = new Set(texts.map((text) => parseIp(text)?.family));
  return families.has(4) && families.has(6);
}

/** Whether the text would be read otherwise than it looks. */
export function ipWarnings(path: string, text: string | undefined): string[] {
  const ip = text ? parseIp(text) : undefined;
  if (!ip) return [];
  const canonical = ipText(ip);
  if (ip.hasZeros || ip.isMapped) return [`${path}: non-standard IP address "${text}" is invalid: use "${canonical}"`];
  if (ip.family === 6 && canonical !== text)
    return [`${path}: IPv6 address "${text}" should be in RFC 5952 canonical format ("${canonical}")`];
  return [];
}

export function cidrWarnings(path: string, text: string): string[] {
  const range = parseCidr(text);
  if (!range) return [];
  const warnings: string[] = [];
  const canonical = cidrText(range);
  if (!isNetwork(range)) {
    const single = `${ipText(range.address)}/${range.address.family === 4 ? 32 : 128}`;
    warnings.push(
      `${path}: CIDR value "${text}" is ambiguous in this context (should be "${canonical}" or "${single}"?)`,
    );
  }
  if (range.hasZeros || range.address.isMapped)
    warnings.push(`${path}: non-standard CIDR value "${text}" is invalid: use "${canonical}"`);
  const written = `${ipText(range.address)}/${range.bits}`;
  if (warnings.length === 0 && range.address.family === 6 && written !== text)
    warnings.push(`${path}: IPv6 CIDR value "${text}" should be in RFC 5952 canonical format ("${written}")`);
  return warnings;
}

/** The rule of names that are addresses. */
export function addressName(text: string): string[] {
  const ip = parseIp(text);
  if (!ip) return [WRONG_IP];
  if (ip.hasZeros) return ['must not have leading 0s'];
  if (ip.isMapped) return ['must not be an IPv4-mapped IPv6 address'];
  const canonical = ipText(ip);
  return canonical === text ? [] : [`must be in canonical form ("${canonical}")`];
}

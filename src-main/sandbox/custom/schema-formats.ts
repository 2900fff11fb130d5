/** The string formats that a server checks; others are only told to clients. */

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;
const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const DATE_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const HOSTNAME =
  /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\.?$/;
const DURATION = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$|^[+-]?0$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const CHECKS: Readonly<Record<string, (text: string) => boolean>> = {
  date: (text) => DATE.test(text),
  datetime: (text) => DATE_TIME.test(text) && !Number.isNaN(Date.parse(text)),
  uuid: (text) => UUID.test(text),
  uuid3: (text) => UUID.test(text),
  uuid4: (text) => UUID.test(text),
  uuid5: (text) => UUID.test(text),
  ipv4: (text) => IPV4.test(text),
  ipv6: isIpv6,
  ip: (text) => IPV4.test(text) || isIpv6(text),
  cidr: isCidr,
  mac: (text) => /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text),
  hostname: (text) => text.length <= 255 && HOSTNAME.test(text),
  email: (text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text),
  uri: (text) => URL.canParse(text) || text.startsWith('/'),
  duration: (text) => DURATION.test(text),
  byte: (text) => BASE64.test(text),
};

/** Whether a string has a format; true for formats that nobody checks. */
export function hasFormat(text: string, format: string): boolean {
  return CHECKS[format.replaceAll('-', '')]?.(text) ?? true;
}

export function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

export function isIpv6(text: string): boolean {
  return text.includes(':') && URL.canParse(`http://[${text}]/`);
}

export function isCidr(text: string): boolean {
  const [address = '', bits = ''] = text.split('/');
  if (!/^\d{1,3}$/.test(bits)) return false;
  return (IPV4.test(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128);
}

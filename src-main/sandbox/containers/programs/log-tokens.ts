export interface TokenValues {
  atMs: number;
  ip: string;
  hostname: string;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const two = (value: number): string => String(value).padStart(2, '0');

/** Fills `{token}`s of a profile's text; what is not known stays as it is. */
export function fillTokens(text: string, values: TokenValues, more: Readonly<Record<string, string>> = {}): string {
  return text.replaceAll(/\{([a-z-]+)\}/g, (whole, token: string) => more[token] ?? tokenText(token, values) ?? whole);
}

function tokenText(token: string, { atMs, ip, hostname }: TokenValues): string | undefined {
  const at = new Date(atMs);
  const day = two(at.getUTCDate());
  const month = MONTHS[at.getUTCMonth()] ?? '';
  const time = at.toISOString().slice(11, 19);
  const year = at.getUTCFullYear();
  switch (token) {
    case 'nginx-time':
      return `${year}/${two(at.getUTCMonth() + 1)}/${day} ${time}`;
    case 'apache-time':
      return `${DAYS[at.getUTCDay()] ?? ''} ${month} ${day} ${time}.${at.toISOString().slice(20, 23)}000 ${year}`;
    case 'clf-time':
      return `${day}/${month}/${year}:${time} +0000`;
    case 'redis-time':
      return `${day} ${month} ${year} ${time}.${at.toISOString().slice(20, 23)}`;
    case 'iso-time':
      return at.toISOString().slice(0, 23);
    case 'pg-time':
      return at.toISOString().slice(0, 23).replace('T', ' ');
    case 'es-time':
      return `[${at.toISOString().slice(0, 23).replace('.', ',')}]`;
    case 'fluentd-time':
      return at.toISOString().slice(0, 19).replace('T', ' ');
    case 'klog-time':
      return `${two(at.getUTCMonth() + 1)}${day} ${at.toISOString().slice(11, 23)}000`;
    case 'tomcat-time':
      return `${day}-${month}-${year} ${at.toISOString().slice(11, 23)}`;
    case 'epoch':
      return String(Math.floor(atMs / 1000));
    case 'ip':
      return ip;
    case 'hostname':
      return hostname;
    default:
      return undefined;
  }
}

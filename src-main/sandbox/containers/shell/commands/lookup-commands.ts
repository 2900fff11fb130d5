import type { Command } from 'just-bash';
import type { DnsRecord, DnsType } from '#main/base/pod-network';
import { askServers, isAddress, resolverConfig, resolveHost, searchNames } from '../../name-resolution';
import { bad, command, ok, within, type Result, type Surroundings } from './surroundings';

/** What a resolver waits for one server, all tries together. */
const DNS_TIMEOUT_S = 15;
const NO_SERVERS = ';; connection timed out; no servers could be reached\n\n';

/** Commands that ask for names: nslookup, dig, host, getent. */
export function lookupCommands(around: Surroundings): Command[] {
  return [
    command('nslookup', (args) => nslookup(args, around)),
    command('dig', (args) => dig(args, around)),
    command('host', (args) => host(args, around)),
    command('getent', (args) => getent(args, around)),
  ];
}

interface Question {
  name: string;
  type: DnsType;
}

const pointerName = (address: string): string => `${address.split('.').toReversed().join('.')}.in-addr.arpa`;

async function nslookup(args: readonly string[], around: Surroundings): Promise<Result> {
  const options = args.filter((word) => word.startsWith('-'));
  const [name, server] = args.filter((word) => !word.startsWith('-'));
  if (name === undefined) return bad('Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n');
  const type = /type=(\w+)/i.exec(options.join(' '))?.[1]?.toUpperCase() as DnsType | undefined;
  using limit = within(around, DNS_TIMEOUT_S);
  const found = await resolverConfig(around);
  const config = server === undefined ? found : { ...found, servers: await resolveHost(around, server, limit.signal) };
  const at = config.servers[0] ?? '';
  const said =
    around.flavour === 'busybox'
      ? `Server:\t\t${at}\nAddress:\t${at}:53\n\n`
      : `Server:\t\t${at}\nAddress:\t${at}#53\n\n`;
  try {
    const names = isAddress(name) ? [pointerName(name)] : searchNames(name, config);
    const asked = isAddress(name) ? 'PTR' : (type ?? 'A');
    for (const each of names) {
      const { records } = await askServers(around, config, { name: each, type: asked }, limit.signal);
      if (records.length > 0) return ok(said + records.map(lookupLine).join('') + '\n');
    }
    const failed = `** server can't find ${names.at(-1) ?? name}: NXDOMAIN\n\n`;
    return { stdout: said + failed, stderr: '', exitCode: 1 };
  } catch {
    // Whatever kept the servers from answering, the tool knows only that none did.
    return { stdout: '', stderr: NO_SERVERS, exitCode: 1 };
  }
}

function lookupLine({ name, type, data }: DnsRecord): string {
  switch (type) {
    case 'A':
    case 'AAAA':
      return `Name:\t${name}\nAddress: ${data}\n`;
    case 'CNAME':
      return `${name}\tcanonical name = ${data}\n`;
    case 'SRV':
      return `${name}\tservice = ${data}\n`;
    default:
      return `${name}\tname = ${data}\n`;
  }
}

async function dig(args: readonly string[], around: Surroundings): Promise<Result> {
  const server = args.find((word) => word.startsWith('@'))?.slice(1);
  const isShort = args.includes('+short');
  const plain = args.filter((word) => !/^[@+-]/.test(word));
  const type = (plain.find((word) => /^(?:A|AAAA|SRV|PTR|CNAME|NS|SOA)$/i.test(word))?.toUpperCase() ?? 'A') as DnsType;
  const word = plain.find((each) => each.toUpperCase() !== type) ?? '';
  const reverse = args.includes('-x');
  using limit = within(around, DNS_TIMEOUT_S);
  const found = await resolverConfig(around);
  const config = server === undefined ? found : { ...found, servers: await resolveHost(around, server, limit.signal) };
  const question: Question = reverse ? { name: pointerName(word), type: 'PTR' } : { name: word, type };
  const names = args.includes('+search') ? searchNames(question.name, config) : [question.name.replace(/\.$/, '')];
  try {
    let answer = await askServers(around, config, { ...question, name: names[0] ?? '' }, limit.signal);
    for (const name of names.slice(1)) {
      if (answer.records.length > 0) break;
      answer = await askServers(around, config, { ...question, name }, limit.signal);
    }
    if (isShort) return ok(answer.records.map(({ data }) => `${data}\n`).join(''));
    return ok(digText(question, answer, config.servers[0] ?? ''));
  } catch {
    // Whatever kept the servers from answering, the tool knows only that none did.
    return { stdout: `;; connection timed out; no servers could be reached\n`, stderr: '', exitCode: 9 };
  }
}

function digText(
  { name, type }: Question,
  { status, records }: { status: string; records: readonly DnsRecord[] },
  server: string,
): string {
  const lines = records.map((each) => `${each.name}.\t${each.ttl}\tIN\t${each.type}\t${each.data}\n`).join('');
  return (
    `\n; <<>> DiG 9.18.33 <<>> ${name}\n;; global options: +cmd\n;; Got answer:\n` +
    `;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: 4242\n` +
    `;; flags: qr aa rd; QUERY: 1, ANSWER: ${records.length}, AUTHORITY: 0, ADDITIONAL: 1\n\n` +
    `;; QUESTION SECTION:\n;${name}.\t\tIN\t${type}\n\n` +
    (records.length > 0 ? `;; ANSWER SECTION:\n${lines}\n` : '') +
    `;; Query time: 0 msec\n;; SERVER: ${server}#53(${server}) (UDP)\n\n`
  );
}

async function host(args: readonly string[], around: Surroundings): Promise<Result> {
  const name = args.find((word) => !word.startsWith('-')) ?? '';
  try {
    const addresses = await resolveHost(around, name, around.running());
    return ok(addresses.map((address) => `${name} has address ${address}\n`).join(''));
  } catch {
    // `host` has one sentence for every way not to find a name.
    return { stdout: `Host ${name} not found: 3(NXDOMAIN)\n`, stderr: '', exitCode: 1 };
  }
}

async function getent(args: readonly string[], around: Surroundings): Promise<Result> {
  const [database, name = ''] = args;
  if (database !== 'hosts' && database !== 'ahosts' && database !== 'ahostsv4') return bad('', 2);
  const addresses = await resolveHost(around, name, around.running()).catch(() => []);
  if (addresses.length === 0) return bad('', 2);
  return ok(addresses.map((address) => `${address.padEnd(15)} ${name}\n`).join(''));
}

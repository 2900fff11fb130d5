/** What a container tells of its network, as busybox prints it: one interface, one route, who listens. */
import type { Command } from 'just-bash';
import { bad, command, ok, type Result, type Surroundings } from './surroundings';

export function networkTools(around: Surroundings): Command[] {
  return [
    command('ip', async (args) => ip(args, around)),
    command('ifconfig', async ([name]) => interfaces(name, around)),
    command('route', async () => ok(routes(around))),
    command('netstat', async (args) =>
      args.some((word) => /^-\w*r/.test(word)) ? ok(routes(around)) : ok(netstat(around)),
    ),
    command('ss', async () => ok(ss(around))),
  ];
}

const MTU = 1450;

/** As the bridge plugin of CNI gives them: a locally administered one with the address in it. */
function hardware({ ip: address }: Surroundings): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['0a', '58', ...bytes].join(':');
}

const gateway = ({ ip: address }: Surroundings): string => address.replace(/\.\d+$/, '.1');
const network = ({ ip: address }: Surroundings): string => address.replace(/\.\d+$/, '.0');

function ip(args: readonly string[], around: Surroundings): Result {
  const [object = '', ...words] = args.filter((word) => !word.startsWith('-'));
  const wanted = words.find((word) => !['show', 'list', 'ls', 'dev'].includes(word));
  if ('route'.startsWith(object) && object !== '') {
    return ok(
      `default via ${gateway(around)} dev eth0 \n${network(around)}/24 dev eth0 scope link  src ${around.ip} \n`,
    );
  }
  const isAddress = object !== '' && ('address'.startsWith(object) || object === 'addr');
  if (!isAddress && !(object !== '' && 'link'.startsWith(object))) {
    return bad(`ip: invalid argument '${object}' to 'ip'\n`);
  }
  const known: readonly [name: string, text: string][] = [
    [
      'lo',
      '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000\n' +
        '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n' +
        (isAddress ? '    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n' : ''),
    ],
    [
      'eth0',
      `2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu ${MTU} qdisc noqueue state UP \n` +
        `    link/ether ${hardware(around)} brd ff:ff:ff:ff:ff:ff\n` +
        (isAddress
          ? `    inet ${around.ip}/24 brd ${network(around).replace(/0$/, '255')} scope global eth0\n       valid_lft forever preferred_lft forever\n`
          : ''),
    ],
  ];
  const shown = known.filter(([name]) => wanted === undefined || wanted === name);
  if (shown.length === 0) return bad(`ip: can't find device '${wanted ?? ''}'\n`);
  return ok(shown.map(([, text]) => text).join(''));
}

function interfaces(wanted: string | undefined, around: Surroundings): Result {
  const eth =
    `eth0      Link encap:Ethernet  HWaddr ${hardware(around).toUpperCase()}  \n` +
    `          inet addr:${around.ip}  Bcast:${network(around).replace(/0$/, '255')}  Mask:255.255.255.0\n` +
    `          UP BROADCAST RUNNING MULTICAST  MTU:${MTU}  Metric:1\n\n`;
  const lo =
    'lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n' +
    '          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n';
  if (wanted === 'eth0') return ok(eth);
  if (wanted === 'lo') return ok(lo);
  if (wanted === undefined || wanted === '-a') return ok(eth + lo);
  return bad(`ifconfig: ${wanted}: error fetching interface information: Device not found\n`);
}

function routes(around: Surroundings): string {
  const row = (to: string, via: string, mask: string, flags: string) =>
    `${to.padEnd(16)}${via.padEnd(16)}${mask.padEnd(16)}${flags.padEnd(6)}0      0        0 eth0\n`;
  return (
    'Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n' +
    row('0.0.0.0', gateway(around), '0.0.0.0', 'UG') +
    row(network(around), '0.0.0.0', '255.255.255.0', 'U')
  );
}

function netstat({ ports }: Surroundings): string {
  const rows = ports().map(
    (port) => `tcp        0      0 ${`0.0.0.0:${port}`.padEnd(23)} ${'0.0.0.0:*'.padEnd(23)} LISTEN      \n`,
  );
  return (
    'Active Internet connections (only servers)\n' +
    'Proto Recv-Q Send-Q Local Address           Foreign Address         State       \n' +
    rows.join('')
  );
}

function ss({ ports }: Surroundings): string {
  const rows = ports().map(
    (port) => `LISTEN 0      4096   ${`0.0.0.0:${port}`.padStart(18)}      0.0.0.0:*          \n`,
  );
  return `State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n${rows.join('')}`;
}

/** What the kernel shows of a container and its machine: proc(5), and the unified hierarchy of cgroups(7). */
import type { Clock } from '#common/base/clock';
import { MACHINE } from './machine';
import type { ProcessEntry, ProcessTable } from './process-table';
import type { VirtualFiles } from './virtual-files';

/** What a container uses and may use. */
export interface KernelFacts {
  clock: Clock;
  startedMs: number;
  hostname: string;
  uid: number;
  env: Readonly<Record<string, string>>;
  processes: ProcessTable;
  cpu: { usedMs: number; cores: number };
  memory: { used: number; limit: number };
}

const CGROUP = '/sys/fs/cgroup';
const PERIOD_US = 100_000;
const PROCESS_FILES = ['cgroup', 'cmdline', 'comm', 'environ', 'mounts', 'status'];

export function kernelFiles(facts: KernelFacts): VirtualFiles {
  const system = new Map<string, () => string>([
    ['/proc/cpuinfo', cpuInfo],
    ['/proc/loadavg', () => `0.08 0.05 0.01 1/${facts.processes.list().length} ${facts.processes.list().length}\n`],
    ['/proc/meminfo', memoryInfo],
    ['/proc/mounts', () => MOUNTS],
    ['/proc/uptime', () => `${seconds(facts)} ${seconds(facts)}\n`],
    [
      '/proc/version',
      () => `Linux version ${MACHINE.kernel} (gcc (Debian 14.2.0) 14.2.0, GNU ld 2.44) ${MACHINE.build}\n`,
    ],
    ['/proc/sys/kernel/hostname', () => `${facts.hostname}\n`],
    ['/proc/sys/kernel/pid_max', () => '4194304\n'],
    ['/proc/sys/net/core/somaxconn', () => '4096\n'],
    ['/proc/sys/net/ipv4/ip_forward', () => '1\n'],
    ['/proc/sys/net/ipv4/ip_local_port_range', () => '32768\t60999\n'],
    ['/proc/sys/vm/max_map_count', () => '262144\n'],
    [`${CGROUP}/cgroup.controllers`, () => 'cpuset cpu io memory hugetlb pids rdma misc\n'],
    [`${CGROUP}/cpu.max`, () => `${quota(facts)} ${PERIOD_US}\n`],
    [`${CGROUP}/cpu.stat`, () => cpuStat(facts)],
    [`${CGROUP}/memory.current`, () => `${facts.memory.used}\n`],
    [`${CGROUP}/memory.max`, () => `${Number.isFinite(facts.memory.limit) ? facts.memory.limit : 'max'}\n`],
    [`${CGROUP}/pids.current`, () => `${facts.processes.list().length}\n`],
    [`${CGROUP}/pids.max`, () => 'max\n'],
  ]);
  const folders = foldersOf([...system.keys()]);
  return {
    mode: 0o444,
    madeMs: facts.startedMs,
    text: (path) => (isKernels(path) ? (system.get(path)?.() ?? processText(path, facts)) : undefined),
    names(folder) {
      if (folder === '/proc') return [...(folders.get(folder) ?? []), 'self', ...pids(facts)];
      return folders.get(folder) ?? (isProcess(folder, facts) ? PROCESS_FILES : undefined);
    },
  };
}

const isKernels = (path: string): boolean => path.startsWith('/proc/') || path.startsWith('/sys/');

/** The names in each folder above the paths. */
function foldersOf(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const folders = new Map<string, Set<string>>();
  for (const path of paths) {
    const parts = path.split('/').slice(1);
    for (const [at, name] of parts.entries()) {
      const folder = `/${parts.slice(0, at).join('/')}`;
      folders.set(folder, (folders.get(folder) ?? new Set()).add(name));
    }
  }
  return new Map([...folders].map(([folder, names]) => [folder, [...names]]));
}

const pids = ({ processes }: KernelFacts): string[] => processes.list().map(({ pid }) => String(pid));

const PROCESS = /^\/proc\/(self|\d+)(?:\/(\w+))?$/;

function processOf(path: string, { processes }: KernelFacts): { file: string; entry: ProcessEntry } | undefined {
  const [, pid, file = ''] = PROCESS.exec(path) ?? [];
  if (pid === undefined) return undefined;
  const entry = pid === 'self' ? processes.list().at(-1) : processes.get(Number(pid));
  return entry && { file, entry };
}

const isProcess = (folder: string, facts: KernelFacts): boolean => processOf(folder, facts)?.file === '';

function processText(path: string, facts: KernelFacts): string | undefined {
  const found = processOf(path, facts);
  if (!found) return undefined;
  const { pid, command } = found.entry;
  const name = (command.split(' ')[0] ?? '').split('/').at(-1)?.slice(0, 15) ?? '';
  switch (found.file) {
    case 'cgroup':
      return '0::/\n';
    case 'cmdline':
      return `${command.split(' ').join('\0')}\0`;
    case 'comm':
      return `${name}\n`;
    case 'environ':
      return Object.entries(facts.env)
        .map(([key, value]) => `${key}=${value}\0`)
        .join('');
    case 'mounts':
      return MOUNTS;
    case 'status': {
      const ids = Array.from({ length: 4 }, () => facts.uid).join('\t');
      return `Name:\t${name}\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t${pid}\nPid:\t${pid}\nPPid:\t${pid === 1 ? 0 : 1}\nUid:\t${ids}\nGid:\t${ids}\n`;
    }
    default:
      return undefined;
  }
}

const MOUNTS =
  'overlay / overlay rw,relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n' +
  'tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755 0 0\ncgroup /sys/fs/cgroup cgroup2 ro,nosuid,nodev,noexec,relatime 0 0\n';

const seconds = ({ clock, startedMs }: KernelFacts): string => ((clock.now() - startedMs) / 1000).toFixed(2);

const quota = ({ cpu }: KernelFacts): string =>
  Number.isFinite(cpu.cores) ? String(Math.round(cpu.cores * PERIOD_US)) : 'max';

function cpuStat({ cpu }: KernelFacts): string {
  const used = Math.round(cpu.usedMs * 1000);
  return `usage_usec ${used}\nuser_usec ${used}\nsystem_usec 0\n`;
}

function cpuInfo(): string {
  const one = (at: number) =>
    `processor\t: ${at}\nvendor_id\t: GenuineIntel\nmodel name\t: Simulated CPU @ 2.50GHz\ncpu MHz\t\t: 2500.000\ncpu cores\t: ${MACHINE.cpus}\n\n`;
  return Array.from({ length: MACHINE.cpus }, (_, at) => one(at)).join('');
}

function memoryInfo(): string {
  const { total, free, available, cached } = MACHINE.memoryKi;
  const row = (name: string, amount: number) => `${`${name}:`.padEnd(16)}${String(amount).padStart(8)} kB\n`;
  return (
    row('MemTotal', total) +
    row('MemFree', free) +
    row('MemAvailable', available) +
    row('Cached', cached) +
    row('SwapTotal', 0) +
    row('SwapFree', 0)
  );
}

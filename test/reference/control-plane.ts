import { generateKeyPairSync } from 'node:crypto';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, openSync, writeSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '#common/base/errors';
import { FRONT_PROXY } from '#main/sandbox/apiserver/bootstrap/front-proxy';
import { clientCertificate, makeCertificates, type ClusterCertificates } from '#main/sandbox/authn/certificates';
import { kubeconfigText } from '#main/sandbox/kubeconfig-text';
import { freePort } from '#test/harness/program';
import { cacheFolder, isBuilt, programPath, type Program } from './binaries';

/** A real control plane on loopback, as it was started: enough to use it and to stop it. */
export interface RunningReference {
  /** PEMs inside, for the administrator. */
  kubeconfig: string;
  server: string;
  /** By program. */
  pids: Record<string, number>;
}

const READY_WAIT_MS = 90_000;
const STOP_WAIT_MS = 15_000;
const POLL_MS = 100;

/** Nodes with this annotation have a kubelet, played by kwok; the others are soon lost. */
const MANAGED = 'life.test/kubelet=on';

/**
 * One control plane that runs, or may: `whole` for people, `api` without controllers for what must stand still, `flows` whole
 * with controllers that may ask as often as they like, so that many flows can run at once.
 */
export type Extent = 'whole' | 'api' | 'flows';

/** Certificates, data of etcd, logs. */
const runFolder = (extent: Extent) => join(cacheFolder(), `run-${extent}`);
const recordFile = (extent: Extent) => join(runFolder(extent), 'running.json');
const STANDING_STILL: readonly string[] = ['etcd', 'kube-apiserver'];
const CONTROLLING: readonly string[] = ['kube-controller-manager', 'kube-scheduler'];
const UNTHROTTLED = ['--kube-api-qps=1000', '--kube-api-burst=2000'];

/** The reference that runs, if its API server still does. */
export async function runningReference(extent: Extent = 'whole'): Promise<RunningReference | undefined> {
  if (!existsSync(recordFile(extent))) return undefined;
  const record = JSON.parse(await readFile(recordFile(extent), 'utf8')) as RunningReference;
  const pid = record.pids['kube-apiserver'] ?? 0;
  return isStillOurs({ name: 'kube-apiserver', pid }) ? record : undefined;
}

/** Between looking for free ports and taking them somebody else may take one. */
const MOST_ATTEMPTS = 3;

/**
 * Starts etcd and the API server; where it is to be whole, also the controllers, the scheduler and kwok for its nodes.
 * Joins those that run already. Where it cannot, nothing of it is left running.
 */
export async function startReference(log: (line: string) => void, extent: Extent = 'whole'): Promise<RunningReference> {
  const running = await runningReference(extent);
  if (running) return running;
  if (!isBuilt())
    throw new Problem('reference-missing', 'The reference is not built yet.', {
      nextStep: 'Build it with: npm run reference -- build',
    });
  await stopReference(extent);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(log, extent);
    } catch (failure) {
      const isLost = failure instanceof Problem && failure.code === 'port-in-use';
      if (!isLost || attempt === MOST_ATTEMPTS) throw failure;
      log(`${failure.message} Trying others.`);
    }
  }
}

async function startOnce(log: (line: string) => void, extent: Extent): Promise<RunningReference> {
  const folder = runFolder(extent);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const place = await prepare(folder);
  const started: Launched[] = [];
  try {
    for (const [name, args] of Object.entries(commands(place)) as [Program, string[]][]) {
      if (extent === 'api' && !STANDING_STILL.includes(name)) continue;
      log(`starting ${name}`);
      const more = extent === 'flows' && CONTROLLING.includes(name) ? UNTHROTTLED : [];
      const program = launch(name, [...args, ...more], folder);
      started.push(program);
      if (STANDING_STILL.includes(name)) await ready(place, program);
    }
    for (const program of started) await ready(place, program);
  } catch (failure) {
    await end(started.toReversed());
    throw failure;
  }
  const pids = Object.fromEntries(started.map(({ name, pid }) => [name, pid]));
  const record = { kubeconfig: place.kubeconfig, server: `https://127.0.0.1:${place.ports.api}`, pids };
  await writeFile(recordFile(extent), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** Ends every program that was started, the API server before etcd; nothing is left running. */
export async function stopReference(extent: Extent = 'whole'): Promise<void> {
  if (!existsSync(recordFile(extent))) return;
  const { pids } = JSON.parse(await readFile(recordFile(extent), 'utf8')) as RunningReference;
  const started = Object.entries(pids).map(([name, pid]) => ({ name: name as Program, pid }));
  await end(started.filter(isStillOurs).toReversed());
  await rm(recordFile(extent));
}

interface Place {
  ports: Record<'etcd' | 'peer' | 'api' | 'controllers' | 'scheduler' | 'kwok', number>;
  certificates: ClusterCertificates;
  kubeconfig: string;
  file: (name: string) => string;
}

async function prepare(folder: string): Promise<Place> {
  const [etcd = 0, peer = 0, api = 0, controllers = 0, scheduler = 0, kwok = 0] = await freePorts(6);
  const certificates = makeCertificates(Date.now());
  const file = (name: string) => join(folder, name);
  const { authority, server } = certificates;
  const proxy = clientCertificate(certificates, { commonName: FRONT_PROXY }, Date.now());
  // The API server takes RSA and ECDSA keys here, no others.
  const tokens = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const files: Record<string, string> = {
    'ca.crt': authority.certificate,
    'ca.key': authority.key,
    'server.crt': server.certificate,
    'server.key': server.key,
    'front-proxy-client.crt': proxy.certificate,
    'front-proxy-client.key': proxy.key,
    'tokens.key': tokens.export({ type: 'sec1', format: 'pem' }).toString(),
    kubeconfig: kubeconfigText('reference', `https://127.0.0.1:${api}`, certificates),
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(file(name), text, { mode: 0o600 })));
  const ports = { etcd, peer, api, controllers, scheduler, kwok };
  return { ports, certificates, kubeconfig: file('kubeconfig'), file };
}

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/** In the order in which they start. */
function commands({ ports, kubeconfig, file }: Place): Partial<Record<Program, string[]>> {
  const etcd = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.peer}`;
  // Without the usual limit of 20 requests a second: what is compared is how fast it can be, and tests wait less.
  const pace = ['--kube-api-qps=5000', '--kube-api-burst=5000'];
  const asClient = [`--kubeconfig=${kubeconfig}`, `--authentication-kubeconfig=${kubeconfig}`, ...pace];
  const local = (port: number) => ['--bind-address=127.0.0.1', `--secure-port=${port}`, `--cert-dir=${file('made')}`];
  return {
    etcd: [
      `--data-dir=${file('etcd')}`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
    'kube-apiserver': [
      ...local(ports.api),
      `--etcd-servers=${etcd}`,
      '--advertise-address=172.18.0.2',
      '--service-cluster-ip-range=10.96.0.0/16',
      `--client-ca-file=${file('ca.crt')}`,
      `--tls-cert-file=${file('server.crt')}`,
      `--tls-private-key-file=${file('server.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${file('tokens.key')}`,
      `--service-account-signing-key-file=${file('tokens.key')}`,
      '--authorization-mode=Node,RBAC',
      // As kubeadm has them: how servers behind APIServices know who asks.
      `--requestheader-client-ca-file=${file('ca.crt')}`,
      '--requestheader-allowed-names=front-proxy-client',
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-username-headers=X-Remote-User',
      `--proxy-client-cert-file=${file('front-proxy-client.crt')}`,
      `--proxy-client-key-file=${file('front-proxy-client.key')}`,
      '--enable-admission-plugins=NodeRestriction',
      '--enable-bootstrap-token-auth',
      '--allow-privileged=true',
    ],
    'kube-controller-manager': [
      ...asClient,
      `--authorization-kubeconfig=${kubeconfig}`,
      ...local(ports.controllers),
      `--service-account-private-key-file=${file('tokens.key')}`,
      `--root-ca-file=${file('ca.crt')}`,
      `--cluster-signing-cert-file=${file('ca.crt')}`,
      `--cluster-signing-key-file=${file('ca.key')}`,
      '--controllers=*,bootstrap-signer-controller,token-cleaner-controller',
      '--use-service-account-credentials',
      '--allocate-node-cidrs',
      '--cluster-cidr=10.244.0.0/16',
      '--leader-elect=false',
    ],
    'kube-scheduler': [
      ...asClient,
      `--authorization-kubeconfig=${kubeconfig}`,
      ...local(ports.scheduler),
      '--leader-elect=false',
    ],
    kwok: [
      `--kubeconfig=${kubeconfig}`,
      `--config=${join(import.meta.dirname, 'nodes.yaml')}`,
      `--manage-nodes-with-annotation-selector=${MANAGED}`,
      '--node-lease-duration-seconds=40',
      '--cidr=10.244.0.0/16',
      '--node-ip=172.18.0.2',
    ],
  };
}

interface Launched {
  name: Program;
  /** 0 for a program that could not be started at all. */
  pid: number;
}

/** Starts a program that outlives this one; what it says goes to a file beside its data. */
function launch(name: Program, args: string[], folder: string): Launched {
  const log = openSync(join(folder, `${name}.log`), 'a');
  const child: ChildProcess = spawn(programPath(name), args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'] ?? '', HOME: folder },
  });
  child.once('error', ({ message }) => writeSync(log, `${message}\n`));
  child.unref();
  return { name, pid: child.pid ?? 0 };
}

/** Waits until a program serves; throws `port-in-use` or `reference-start` when it ends instead. */
async function ready(place: Place, { name, pid }: Launched): Promise<void> {
  const until = performance.now() + READY_WAIT_MS;
  while (performance.now() < until) {
    if (await serves(place, name)) return;
    if (!isAlive(pid)) throw await failedStart(name, place.file(`${name}.log`));
    await delay(POLL_MS);
  }
  throw new Problem('reference-start', `The reference's ${name} was not ready after ${READY_WAIT_MS / 1000} s.`, {
    nextStep: `Read ${place.file(`${name}.log`)}, then start it again: npm run reference -- start`,
  });
}

/** kwok serves nothing that could be asked for. */
function serves({ ports, certificates: { authority, admin } }: Place, name: Program): Promise<boolean> {
  const tls = { ca: authority.certificate, cert: admin.certificate, key: admin.key };
  switch (name) {
    case 'kube-apiserver':
      return answers(`https://127.0.0.1:${ports.api}/readyz`, tls);
    case 'etcd':
      return accepts(ports.etcd);
    case 'kube-controller-manager':
      return accepts(ports.controllers);
    case 'kube-scheduler':
      return accepts(ports.scheduler);
    default:
      return Promise.resolve(true);
  }
}

async function failedStart(name: Program, log: string): Promise<Problem> {
  const text = await readFile(log, 'utf8').catch(() => '');
  if (/address already in use/.test(text)) {
    return new Problem('port-in-use', `The reference's ${name} found its port taken.`, {
      nextStep: 'Start it again: npm run reference -- start',
    });
  }
  return new Problem('reference-start', `The reference's ${name} ended; its last words are in ${log}.`, {
    nextStep: 'Read the log, then start it again: npm run reference -- start',
  });
}

function answers(url: string, tls: { ca: string; cert: string; key: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, tls, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('error', () => resolve(false));
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const told = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => told(true));
    socket.once('error', () => told(false));
  });
}

/** Asks each to end and waits for it; who does not is ended. */
async function end(programs: readonly Launched[]): Promise<void> {
  for (const { pid } of programs) {
    signal(pid, 'SIGTERM');
    const until = performance.now() + STOP_WAIT_MS;
    while (isAlive(pid) && performance.now() < until) await delay(POLL_MS);
    signal(pid, 'SIGKILL');
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  // 0 would be this process and all of its group.
  if (pid <= 0) return;
  try {
    process.kill(pid, name);
  } catch {
    // It has gone already.
  }
}

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** After a restart of the computer the number of a process may be that of another. */
function isStillOurs({ name, pid }: Launched): boolean {
  if (!isAlive(pid)) return false;
  const { stdout, error } = spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return error !== undefined || stdout.includes(programPath(name));
}

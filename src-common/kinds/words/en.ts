import { asSentence } from '../conditions';

/** How a container ended. */
export interface End {
  exitCode: number;
  signal?: number | undefined;
  reason?: string | undefined;
  message?: string | undefined;
}

const count = (amount: number, noun: string) => `${amount} ${noun}${amount === 1 ? '' : 's'}`;
const replicas = (amount: number) => count(amount, 'replica');

function endWords({ exitCode, signal, reason, message }: End): string {
  const code = signal ? `signal ${signal}` : `exit code ${exitCode}`;
  const why = reason && reason !== 'Error' ? ` (${reason})` : '';
  return message ? `${code}${why}: ${message}` : `${code}${why}`;
}

/** Everything that is said of objects, in English. The other languages follow its keys and values. */
export const en = {
  nothing: () => '',
  deleting: () => 'It is being deleted.',
  'deleting-held': ({ finalizers }: { finalizers: string[] }) =>
    `It is being deleted and held by ${finalizers.join(', ')}.`,
  'scaled-to-zero': () => 'It is scaled to zero: no Pods run.',
  'pods-refused': ({ message }: { message: string }) => `Pods cannot be created: ${asSentence(message)}`,
  'ready-count': ({ ready, wanted }: { ready: number; wanted: number }) => `${ready} of ${replicas(wanted)} ready.`,

  'pod.deleting': ({ graceSeconds }: { graceSeconds: number }) =>
    `It is being deleted; its containers have ${graceSeconds} s to end.`,
  'pod.succeeded': () => 'All containers have ended with success; the Pod is kept until it is deleted.',
  'pod.unschedulable': ({ message }: { message: string }) =>
    `No node can take it: ${asSentence(message || 'none fits')}`,
  'pod.unscheduled': () => 'It waits for the scheduler to choose a node.',
  'pod.gated': ({ gates }: { gates: string[] }) =>
    `It is held back by ${gates.join(', ')} and not scheduled before they are removed.`,
  'pod.failed': ({ message }: { message: string }) => asSentence(message || 'It has failed'),
  'pod.crash-loop': ({ container, end, restarts }: { container: string; end: End | undefined; restarts: number }) => {
    const how = end ? `it ended with ${endWords(end)}` : 'it keeps ending';
    return `${container}: ${how} and was restarted ${count(restarts, 'time')}; the next start waits for the back-off.`;
  },
  'pod.waiting': ({ container, reason, message }: { container: string; reason: string; message: string }) =>
    asSentence(message ? `${container}: ${reason}, ${message}` : `${container}: ${reason}`),
  'pod.ended': ({ container, end }: { container: string; end: End }) =>
    asSentence(`${container}: it ended with ${endWords(end)}`),
  'pod.init': ({ index, total, node }: { index: number; total: number; node: string }) =>
    `Init container ${index} of ${total} is at work on ${node}.`,
  'pod.ready': ({ total, node }: { total: number; node: string }) => `${count(total, 'container')} ready on ${node}.`,
  'pod.unready': ({ ready, total, names }: { ready: number; total: number; names: string[] }) =>
    names.length > 0
      ? `${ready} of ${count(total, 'container')} ready: ${names.join(', ')} runs but has not passed its readiness probe.`
      : `${ready} of ${count(total, 'container')} ready.`,
  'pod.gate-closed': () => 'Its containers are ready, but a readiness gate is not.',
  'pod.creating': ({ node }: { node: string }) => `Its containers are being created on ${node}.`,

  'deployment.stalled': ({ message }: { message: string }) => `The rollout is stuck: ${asSentence(message)}`,
  'deployment.available': ({ wanted }: { wanted: number }) =>
    `${wanted === 1 ? 'The only replica is' : `All ${wanted} replicas are`} up to date and available.`,
  'deployment.paused': ({ updated, wanted }: { updated: number; wanted: number }) =>
    `Its rollout is paused with ${updated} of ${replicas(wanted)} on the newest template.`,
  'deployment.degraded': ({ available, wanted }: { available: number; wanted: number }) =>
    `${available} of ${replicas(wanted)} available; the rollout itself is complete.`,
  'deployment.progressing': ({ updated, wanted, available }: { updated: number; wanted: number; available: number }) =>
    `It is rolling out: ${updated} of ${replicas(wanted)} updated, ${available} available.`,

  'replicaset.older': () => 'It is scaled to zero: an older or paused revision of its owner.',
  'replicaset.scaling': ({ current, wanted }: { current: number; wanted: number }) =>
    `It has ${current} of ${replicas(wanted)} and is creating or removing Pods.`,
  'statefulset.updating': ({ updated, wanted, ready }: { updated: number; wanted: number; ready: number }) =>
    `It is updating one Pod after the other: ${updated} of ${replicas(wanted)} on the new revision, ${ready} ready.`,

  'daemonset.no-nodes': ({ misplaced }: { misplaced: number }) =>
    `No node matches, so no Pods run.${misplacedWords(misplaced)}`,
  'daemonset.updating': ({
    updated,
    wanted,
    ready,
    misplaced,
  }: Record<'updated' | 'wanted' | 'ready' | 'misplaced', number>) =>
    `It is updating node by node: ${updated} of ${wanted} on the new template, ${ready} ready.${misplacedWords(misplaced)}`,
  'daemonset.ready': ({ ready, wanted, misplaced }: Record<'ready' | 'wanted' | 'misplaced', number>) =>
    `${ready} of ${wanted} nodes have a ready Pod.${misplacedWords(misplaced)}`,

  'job.complete': ({ completions, failed }: { completions: string; failed: number }) =>
    `It is complete: ${completions} Pods ended with success${failed > 0 ? `, ${failed} failed` : ''}.`,
  'job.failed': ({ message }: { message: string }) =>
    `It has failed: ${asSentence(message || 'its Pods failed too often')}`,
  'job.suspended': () => 'It is suspended: no Pods are started.',
  'job.running': ({ active, succeeded, failed }: Record<'active' | 'succeeded' | 'failed', number>) =>
    `It runs: ${active} active, ${succeeded} succeeded${failed > 0 ? `, ${failed} failed` : ''}.`,
  'cronjob.suspended': () => 'It is suspended: no Jobs are started.',
  'cronjob.scheduled': ({ schedule, timeZone, active }: { schedule: string; timeZone: string; active: number }) => {
    const when = `It starts a Job at ${schedule}${timeZone ? ` (${timeZone})` : ''}`;
    return active > 0 ? `${when}; ${active} run${active === 1 ? 's' : ''} now.` : `${when}; none runs now.`;
  },

  'node.silent': () => 'Its kubelet has not reported yet.',
  'node.not-ready': ({ message, cordoned }: { message: string; cordoned: boolean }) =>
    `It is not ready: ${asSentence(message || 'no reason given')}${cordonWords(cordoned)}`,
  'node.worried': ({ worries, cordoned }: { worries: string[]; cordoned: boolean }) =>
    `It is ready, but ${asSentence(worries.join('; '))}${cordonWords(cordoned)}`,
  'node.ready': ({ cordoned }: { cordoned: boolean }) => `It is ready.${cordonWords(cordoned)}`,

  'service.external-name': ({ name }: { name: string }) => `It is another name for ${name}.`,
  'service.pending': () => 'It waits for a load balancer to give it an address.',
  'service.leads': ({ selector, address, ports }: { selector: string; address: string; ports: string }) => {
    const to = selector ? `Pods with ${selector}` : 'endpoints that are kept by hand';
    const where = address ? `at ${address}` : 'without an address of its own (headless)';
    return `It leads to ${to}, ${where}, ports ${ports}.`;
  },

  'data.keys': ({ keys, immutable }: { keys: string[]; immutable: boolean }) => {
    const fixed = immutable ? ' It is immutable.' : '';
    if (keys.length === 0) return `It holds nothing.${fixed}`;
    const names = keys.length > 5 ? `${keys.slice(0, 5).join(', ')} and ${keys.length - 5} more` : keys.join(', ');
    return `It holds ${count(keys.length, 'key')}: ${names}.${fixed}`;
  },
  'event.told': ({ target, message }: { target: string; message: string }) => `${target}: ${message}`,
  'namespace.active': () => 'It is active.',
  'namespace.deleting': ({ message }: { message: string }) =>
    message ? `It is being deleted: ${asSentence(message)}` : 'It is being deleted with all it holds.',

  'generic.told': ({ type, status, message }: { type: string; status: string; message: string }) =>
    `${type} is ${status}: ${message}`,
  'generic.condition': ({ type, holds }: { type: string; holds: boolean }) => `It is ${holds ? '' : 'not '}${type}.`,
  'generic.phase': ({ phase }: { phase: string }) => `Its phase is ${phase}.`,
};

function misplacedWords(misplaced: number): string {
  return misplaced > 0 ? ` ${misplaced} run where none should.` : '';
}

function cordonWords(cordoned: boolean): string {
  return cordoned ? ' It is cordoned: no new Pods are placed on it.' : '';
}

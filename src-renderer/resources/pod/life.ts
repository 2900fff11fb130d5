import type { EventEntry } from '#common/contract/objects';
import type { Tone } from '#common/contract/shapes';
import type { Pod } from '#common/kube/types';
import { containersOf, type ContainerView } from './containers';

/** One moment of a Pod's life: a message of the catalogue with its values, or the words of an event. */
export interface LifeEntry {
  /** Epoch milliseconds; in the future for what is to come. */
  at: number;
  tone: Tone;
  say: { key: string; values: Record<string, string | number> } | { words: string };
  /** How often it has happened, when more than once. */
  times: number;
}

/** A Pod's life in order, from its status and from the events that tell what the status does not keep. */
export function lifeOf(pod: Pod, events: readonly EventEntry[], now: number): LifeEntry[] {
  const entries = [
    ...scheduled(pod),
    ...containersOf(pod).flatMap(containerLife),
    ...events.flatMap(eventLife),
    ...deletion(pod),
  ];
  return entries
    .filter(({ at }) => at > 0)
    .map((entry) => (entry.at > now && entry.tone !== 'bad' ? { ...entry, tone: 'busy' as const } : entry))
    .sort((a, b) => second(a) - second(b) || rank(a) - rank(b) || a.at - b.at);
}

function scheduled(pod: Pod): LifeEntry[] {
  const condition = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const at = Date.parse(condition?.lastTransitionTime ?? '');
  if (condition?.status !== 'True' || !pod.spec?.nodeName || Number.isNaN(at)) return [];
  return [entry(at, 'ok', 'scheduled', { node: pod.spec.nodeName })];
}

function containerLife({ name, condition, lastEnd, restarts }: ContainerView): LifeEntry[] {
  const entries: LifeEntry[] = [];
  if (lastEnd?.at !== undefined) entries.push(ending(name, lastEnd, Math.max(1, restarts)));
  if (condition.is === 'running' && condition.since !== undefined) {
    entries.push(entry(condition.since, 'ok', 'started', { container: name }));
  }
  if (condition.is === 'ended') entries.push(ending(name, condition, 1));
  if (condition.is === 'waiting' && condition.nextStart !== undefined) {
    entries.push(entry(condition.nextStart, 'busy', 'nextStart', { container: name }));
  }
  return entries;
}

function ending(container: string, end: NonNullable<ContainerView['lastEnd']>, times: number): LifeEntry {
  const bad = end.exitCode !== 0;
  const key = end.signal ? 'endedBySignal' : end.reason && !CALM_REASONS.has(end.reason) ? 'endedFor' : 'ended';
  const values = { container, code: end.exitCode, signal: end.signal, reason: end.reason };
  return { ...entry(end.at ?? 0, bad ? 'bad' : 'done', key, values), times };
}

const CALM_REASONS = new Set(['Error', 'Completed']);

/** Events whose story the status already tells, or that only announce the next one. */
const TOLD_BY_STATUS = new Set(['Scheduled', 'Started', 'Created', 'Pulling', 'BackOff', 'SandboxChanged']);

function eventLife(event: EventEntry): LifeEntry[] {
  if (!event.regarding.startsWith('Pod/') || TOLD_BY_STATUS.has(event.reason)) return [];
  const tone: Tone = event.type === 'Warning' ? 'warn' : 'ok';
  const base = { at: event.lastSeen, tone, times: event.count };
  const pulled = event.reason === 'Pulled' ? pulledValues(event.message) : undefined;
  if (pulled) return [{ ...base, say: { key: 'pulled', values: pulled } }];
  return [{ ...base, say: { words: event.message } }];
}

/** `Successfully pulled image "x" in 1.1s (1.1s including waiting). Image size: 88080384 bytes.` */
function pulledValues(message: string): Record<string, string | number> | undefined {
  const match = /^Successfully pulled image "([^"]+)" in ([\d.]+)(ms|s)/.exec(message);
  if (!match) return undefined;
  const seconds = Number(match[2]) / (match[3] === 'ms' ? 1000 : 1);
  const bytes = Number(/Image size: (\d+) bytes/.exec(message)?.[1] ?? 0);
  return { image: match[1] ?? '', seconds: Number(seconds.toFixed(1)), megabytes: Math.round(bytes / 1e6) };
}

function deletion(pod: Pod): LifeEntry[] {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
  if (!deletionTimestamp) return [];
  const deadline = Date.parse(deletionTimestamp);
  const asked = entry(deadline - deletionGracePeriodSeconds * 1000, 'busy', 'deletionAsked', {});
  return deletionGracePeriodSeconds > 0 ? [asked, entry(deadline, 'busy', 'deadline', {})] : [asked];
}

function entry(at: number, tone: Tone, key: string, values: Record<string, string | number>): LifeEntry {
  return { at, tone, say: { key, values }, times: 1 };
}

/** The status keeps whole seconds, events may keep more. */
function second({ at }: LifeEntry): number {
  return Math.floor(at / 1000);
}

const ORDER = ['scheduled', 'pulled', 'started'];

/** Within one second things are told in the order they can only have happened. */
function rank({ say, tone }: LifeEntry): number {
  const known = 'key' in say ? ORDER.indexOf(say.key) : -1;
  return known >= 0 ? known : tone === 'busy' ? ORDER.length + 1 : ORDER.length;
}

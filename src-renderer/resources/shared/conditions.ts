import type { Tone } from '#common/contract/shapes';

/** A condition of any kind, with what its answer means for a person. */
export interface ConditionRow {
  type: string;
  status: string;
  tone: Tone;
  reason: string;
  message: string;
  /** Epoch milliseconds of the last change; undefined where the kind does not say. */
  since: number | undefined;
}

/** The conditions of any object that has them, worst first, else in the object's own order. */
export function conditionRows(object: object | undefined): ConditionRow[] {
  const { status } = (object ?? {}) as { status?: { conditions?: unknown } };
  if (!Array.isArray(status?.conditions)) return [];
  const rows = status.conditions.filter(isCondition).map(rowOf);
  return rows
    .map((row, index) => ({ row, index }))
    .sort((a, b) => weight(a.row.tone) - weight(b.row.tone) || a.index - b.index)
    .map(({ row }) => row);
}

interface RawCondition {
  type: string;
  status: string;
  reason?: unknown;
  message?: unknown;
  lastTransitionTime?: unknown;
}

function isCondition(value: unknown): value is RawCondition {
  const condition = value as Partial<RawCondition> | null;
  return typeof condition?.type === 'string' && typeof condition.status === 'string';
}

function rowOf({ type, status, reason, message, lastTransitionTime }: RawCondition): ConditionRow {
  const since = Date.parse(text(lastTransitionTime));
  return {
    type,
    status,
    tone: conditionTone(type, status, text(reason)),
    reason: text(reason),
    message: text(message),
    since: Number.isNaN(since) ? undefined : since,
  };
}

/** Conditions that are good news when they are False. */
const BAD_WHEN_TRUE =
  /Pressure$|Unavailable$|Failure$|Failed$|^Stalled$|^Degraded$|^DisruptionTarget$|^NonStructuralSchema$|^Terminating$|Problem$|^PodResizePending$/;
/** False only says that work is under way or is not wanted. */
const CALM_WHEN_FALSE = /^(Progressing|Reconciling|PodReadyToStartContainers|Suspended|Complete|ScalingLimited)$/;
/** Jobs that were suspended or ended well. */
const DONE_WHEN_TRUE = /^(Complete|SuccessCriteriaMet|Suspended)$/;

export function conditionTone(type: string, status: string, reason = ''): Tone {
  const negative = BAD_WHEN_TRUE.test(type);
  if (status === 'Unknown') return 'warn';
  if (status !== 'True' && status !== 'False') return 'none';
  if (negative) return status === 'True' ? 'bad' : 'ok';
  if (status === 'True') return DONE_WHEN_TRUE.test(type) ? 'done' : 'ok';
  if (reason === 'PodCompleted') return 'done';
  return CALM_WHEN_FALSE.test(type) ? (type === 'Progressing' ? 'bad' : 'none') : 'warn';
}

function weight(tone: Tone): number {
  return ['bad', 'warn', 'busy'].includes(tone) ? ['bad', 'warn', 'busy'].indexOf(tone) : 3;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

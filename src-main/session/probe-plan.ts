import { messageOf, Problem } from '#common/base/errors';
import type { ConnectionState } from '#common/contract/clusters';
import { ApiStatusError, isUnauthorized } from '#common/kube/status-error';

/** What the failure of a probe means for the session. */
export interface ProbeVerdict {
  state: ConnectionState;
  problem: Problem;
  /** Other requests are refused until a probe succeeds or a person tries again. */
  hold: boolean;
  /** Delay until the next probe in milliseconds; nothing when only a person, or a changed kubeconfig, leads on. */
  retryMs: number | undefined;
}

/** A connection that was live is called unreachable after as many failures; before that it is reconnecting. */
const FAILURES_UNTIL_UNREACHABLE = 3;
const SIGNED_OUT_RETRY_MS = 30_000;
/** First and longest pause between two probes of a server that is gone. */
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 4_000;

/** Decides by the failure, how many there were in a row, and whether the connection was ever live. */
export function judgeProbe(failure: unknown, failures: number, wasLive: boolean): ProbeVerdict {
  const problem = problemOf(failure);
  const retryMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
  switch (problem.code) {
    case 'signed-out':
      return { state: 'signed-out', problem, hold: true, retryMs: SIGNED_OUT_RETRY_MS };
    // A plugin may open a browser: it is not started again by itself.
    case 'plugin-failed':
      return { state: 'signed-out', problem, hold: true, retryMs: undefined };
    case 'unreachable':
    case 'sandbox-stopped':
    case 'sandbox-starting':
    case 'server-failing': {
      const isUnreachable = !wasLive || failures >= FAILURES_UNTIL_UNREACHABLE;
      return { state: isUnreachable ? 'unreachable' : 'reconnecting', problem, hold: false, retryMs };
    }
    default:
      return { state: 'broken', problem, hold: true, retryMs: undefined };
  }
}

function problemOf(failure: unknown): Problem {
  if (failure instanceof Problem) return failure;
  if (isUnauthorized(failure)) {
    return new Problem('signed-out', 'The server does not accept the credentials of this context (401 Unauthorized).', {
      nextStep: 'Sign in again with the tool that wrote the context, then try again.',
      details: failure.message,
      cause: failure,
    });
  }
  if (failure instanceof ApiStatusError) {
    return new Problem('server-failing', `The server answers, but cannot serve: ${failure.message}.`, {
      nextStep: 'It is tried again by itself. Check the health of the API server and its etcd.',
      details: `code ${failure.code} ${failure.reason}`,
      cause: failure,
    });
  }
  return new Problem('unreachable', `The connection failed: ${messageOf(failure)}.`, { cause: failure });
}

/** The rules of probes and hooks. */
import type { Lifecycle, LifecycleHandler, Probe, ProbeHandler } from '#common/kube/types';
import { eachInvalid, forbiddenField, invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { httpHeader } from '../names';
import { checkNeeded, checkNotNegative, checkPortReference } from '../value-rules';

/** What hooks need to know of the Pod. */
export interface HookPlace {
  graceSeconds: number | undefined;
  os: string | undefined;
}

type Handler = Pick<ProbeHandler, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>;
const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;
const SCHEMES = ['HTTP', 'HTTPS'];

/** `mustSucceedOnce`: liveness and startup are settled by one success. */
export function checkProbe(probe: Probe, path: string, mustSucceedOnce: boolean, into: FieldError[]): void {
  const { successThreshold = 1, terminationGracePeriodSeconds: grace } = probe;
  checkHandler(probe, undefined, path, into);
  checkNotNegative(probe.initialDelaySeconds, `${path}.initialDelaySeconds`, into);
  checkNotNegative(probe.timeoutSeconds, `${path}.timeoutSeconds`, into);
  checkNotNegative(probe.periodSeconds, `${path}.periodSeconds`, into);
  checkNotNegative(probe.successThreshold, `${path}.successThreshold`, into);
  checkNotNegative(probe.failureThreshold, `${path}.failureThreshold`, into);
  if (grace !== undefined && grace <= 0)
    into.push(invalidValue(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  if (mustSucceedOnce && successThreshold !== 1)
    into.push(invalidValue(`${path}.successThreshold`, successThreshold, 'must be 1'));
  if (!mustSucceedOnce && grace !== undefined)
    into.push(invalidValue(`${path}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'));
}

function checkHandler(handler: Handler, graceSeconds: number | undefined, path: string, into: FieldError[]): void {
  let isFound = false;
  for (const kind of HANDLERS) {
    if (handler[kind] === undefined) continue;
    if (isFound) into.push(forbiddenField(`${path}.${kind}`, 'may not specify more than 1 handler type'));
    else checkAction(kind, { ...handler, graceSeconds }, `${path}.${kind}`, into);
    isFound = true;
  }
  if (!isFound) into.push(required(path, 'must specify a handler type'));
}

function checkAction(
  kind: (typeof HANDLERS)[number],
  { exec, httpGet, tcpSocket, grpc, sleep, graceSeconds }: Handler & { graceSeconds: number | undefined },
  path: string,
  into: FieldError[],
): void {
  if (kind === 'exec') {
    if (!exec?.command?.length) into.push(required(`${path}.command`));
  } else if (kind === 'httpGet') checkHttp(httpGet, path, into);
  else if (kind === 'tcpSocket') checkPortReference(tcpSocket?.port, `${path}.port`, into);
  else if (kind === 'grpc') checkPortReference(grpc?.port, `${path}.port`, into);
  else if (graceSeconds !== undefined) {
    const { seconds = 0 } = sleep ?? {};
    if (seconds < 0 || seconds > graceSeconds)
      into.push(
        invalidValue(
          path,
          seconds,
          `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`,
        ),
      );
  }
}

function checkHttp(action: Handler['httpGet'], path: string, into: FieldError[]): void {
  if (!action) return;
  const { scheme = '', httpHeaders = [] } = action;
  checkNeeded(action.path, `${path}.path`, into);
  checkPortReference(action.port, `${path}.port`, into);
  if (!SCHEMES.includes(scheme)) into.push(notSupported(`${path}.scheme`, scheme, SCHEMES));
  for (const { name } of httpHeaders) eachInvalid(into, `${path}.httpHeaders`, name, httpHeader(name));
}

export function checkLifecycle(
  { postStart, preStop, stopSignal }: Lifecycle,
  path: string,
  { graceSeconds, os }: HookPlace,
  into: FieldError[],
): void {
  if (postStart) checkHandler(postStart, graceSeconds, `${path}.postStart`, into);
  if (preStop) checkHandler(preStop, graceSeconds, `${path}.preStop`, into);
  if (stopSignal !== undefined && os === undefined)
    into.push(forbiddenField(`${path}.stopSignal`, 'may not be set for containers with empty `spec.os.name`'));
}

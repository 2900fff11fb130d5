import type { ExitStatus } from '#main/base/process-streams';
import { failure, type Status } from '#common/kube/status-error';

/** How clients learn the exit code of a command: as a Status, with the code in a cause. */
export function statusOfExit({ code, message }: ExitStatus): Status {
  if (message !== undefined) {
    const cause = `error executing command in container: ${message}`;
    return failure(500, 'InternalError', `Internal error occurred: ${cause}`, { causes: [{ message: cause }] }).status;
  }
  if (code === 0) return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: command terminated with exit code ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
    code: 500,
  };
}

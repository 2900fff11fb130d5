/** What a container leaves behind for people to read (getTerminationMessage). */
import type { Container as ContainerSpecObject } from '#common/kube/types';
import type { Container } from '../containers/container';

/** MaxContainerTerminationMessageLength and the bounds of what is taken from the log. */
const MOST_BYTES = 4096;
const MOST_LOG_BYTES = 2048;
const MOST_LOG_LINES = 80;
const DEFAULT_PATH = '/dev/termination-log';

export async function terminationMessage(
  { terminationMessagePath = DEFAULT_PATH, terminationMessagePolicy }: ContainerSpecObject,
  container: Container,
  exitCode: number,
): Promise<string | undefined> {
  const written = await tailOfFile(container, terminationMessagePath);
  if (written) return written;
  if (terminationMessagePolicy !== 'FallbackToLogsOnError' || exitCode === 0) return undefined;
  const lines = container.log.lines.slice(-MOST_LOG_LINES).map(({ text }) => `${text}\n`);
  return Buffer.from(lines.join('')).subarray(-MOST_LOG_BYTES).toString('utf8') || undefined;
}

/** Files that were never looked at hold nothing. */
async function tailOfFile(container: Container, path: string): Promise<string | undefined> {
  if (!container.hasOpenFiles) return undefined;
  const fs = await container.fs();
  if (!(await fs.exists(path))) return undefined;
  const bytes = await fs.readFileBuffer(path);
  return Buffer.from(bytes).subarray(-MOST_BYTES).toString('utf8');
}

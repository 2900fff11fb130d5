import type { ClusterId } from '#common/contract/shapes';

/** The container a terminal opens a shell in; without a container the host takes the first. */
export interface TerminalTarget {
  cluster: ClusterId;
  namespace: string;
  pod: string;
  container?: string;
}

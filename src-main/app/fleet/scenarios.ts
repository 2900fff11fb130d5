import type { Scenario } from '#common/contract/sandboxes';

/** What a new sandbox cluster can start with, as the window offers it. */
export function listScenarios(): readonly Scenario[] {
  return [];
}

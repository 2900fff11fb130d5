import { Problem } from '#common/base/errors';
import type { Scenario } from '#common/contract/sandboxes';
import scenarios from '#resources/scenarios/scenarios.json';

/** What a new sandbox cluster can start with, as the window offers it. */
export function listScenarios(): readonly Scenario[] {
  return scenarios;
}

/** Refuses a name that is not in the list before anything is made for it. */
export function checkScenario(name: string): void {
  if (scenarios.some((scenario) => scenario.name === name)) return;
  throw new Problem('scenario-unknown', `There is no scenario called "${name}".`, {
    nextStep: `Choose one of: ${scenarios.map((scenario) => scenario.name).join(', ')}.`,
  });
}

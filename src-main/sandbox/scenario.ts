import { parseAllDocuments } from 'yaml';
import type { AnyObject } from '#common/kube/object';
import { Problem } from '#common/base/errors';
import { parseApiVersion, resourceId } from '#common/kube/resource';
import { builtInResources } from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type { Draft, KubeClient } from '#main/client/client';
import scenarios from '#resources/scenarios/scenarios.json';
import starter from '#resources/scenarios/starter.yaml?raw';

/** What a new cluster can start with. */
export interface ScenarioInfo {
  name: string;
  title: { en: string; zh: string };
  description: { en: string; zh: string };
}

export const scenarioInfos: readonly ScenarioInfo[] = scenarios;

export const DEFAULT_SCENARIO = 'starter';

const manifests: Readonly<Record<string, string>> = { starter, empty: '' };

/** The objects of a scenario, in the order in which they are made. Throws Problem `scenario-unknown`. */
export function scenarioObjects(name: string): AnyObject[] {
  return parseAllDocuments(manifestOf(name)).flatMap((document) => (document.toJS() as AnyObject | null) ?? []);
}

/** The YAML of a scenario. Throws Problem `scenario-unknown`. */
export function manifestOf(name: string): string {
  const manifest = manifests[name];
  if (manifest === undefined) {
    throw new Problem('scenario-unknown', `There is no scenario called "${name}".`, {
      nextStep: `Choose one of: ${Object.keys(manifests).join(', ')}.`,
    });
  }
  return manifest;
}

/** Makes what is not there yet: a cluster that was stopped half-way gets the rest. */
export async function applyScenario(client: KubeClient, name: string, signal: AbortSignal): Promise<void> {
  for (const object of scenarioObjects(name)) {
    try {
      await client.create(kindOf(object), object as Draft, { signal });
    } catch (failure) {
      if (!isAlreadyExists(failure)) throw failure;
    }
  }
}

function kindOf({ apiVersion, kind }: AnyObject) {
  const { group, version } = parseApiVersion(apiVersion);
  const found = builtInResources.find(
    (one) => one.kind === kind && resourceId(one) === resourceId({ group, version, plural: one.plural }),
  );
  if (!found)
    throw new Problem('scenario-broken', `The scenario names a kind that is not served: ${apiVersion} ${kind}.`);
  return found;
}

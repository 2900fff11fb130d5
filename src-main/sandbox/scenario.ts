import { parseAllDocuments } from 'yaml';
import { Problem } from '#common/base/errors';
import type { AnyObject } from '#common/kube/object';
import type { Pod } from '#common/kube/types';
import { RELEASE } from '#common/kube/release';
import { parseApiVersion, resourceId } from '#common/kube/resource';
import { builtInResources } from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type { Draft, KubeClient } from '#main/client/client';
import scenarios from '#resources/scenarios/scenarios.json';
import starter from '#resources/scenarios/starter.yaml?raw';
import { nodeAddress } from './network/pod-addresses';
import { staticPodManifests, systemObjects, type SystemFacts } from './system-content';

/** What a new cluster can start with. */
export interface ScenarioInfo {
  name: string;
  title: { en: string; zh: string };
  description: { en: string; zh: string };
}

export const scenarioInfos: readonly ScenarioInfo[] = scenarios;

export const DEFAULT_SCENARIO = 'starter';

interface Content {
  /** The control plane's own Pods, and what kubeadm and the usual add-ons leave in a cluster. */
  system: boolean;
  /** YAML. */
  manifest: string;
}

const contents: Readonly<Record<string, Content>> = {
  starter: { system: true, manifest: starter },
  kubeadm: { system: true, manifest: '' },
  empty: { system: false, manifest: '' },
};

/** What the objects of a scenario say about the cluster they are in. */
export type ClusterFacts = Pick<SystemFacts, 'cluster' | 'ca'>;

/** Throws Problem `scenario-unknown`. */
export function checkScenario(name: string): void {
  contentOf(name);
}

/** The objects of a scenario, in the order in which they are made. Throws Problem `scenario-unknown`. */
export function scenarioObjects(name: string, facts: ClusterFacts): AnyObject[] {
  const { system, manifest } = contentOf(name);
  const own = parseAllDocuments(manifest).flatMap((document) => (document.toJS() as AnyObject | null) ?? []);
  return system ? [...systemObjects({ ...PLACE, ...facts }), ...own] : own;
}

/** The Pods that the first node runs by itself in a scenario. Throws Problem `scenario-unknown`. */
export function scenarioPods(name: string, cluster: string): Pod[] {
  return contentOf(name).system ? staticPodManifests({ ...PLACE, cluster }) : [];
}

/** Where kubeadm put the control plane. */
const PLACE = { node: 'node-1', ip: nodeAddress(1), version: RELEASE };

function contentOf(name: string): Content {
  const content = contents[name];
  if (!content) {
    throw new Problem('scenario-unknown', `There is no scenario called "${name}".`, {
      nextStep: `Choose one of: ${Object.keys(contents).join(', ')}.`,
    });
  }
  return content;
}

/** Makes what is not there yet: a cluster that was stopped half-way gets the rest. */
export async function applyScenario(
  client: KubeClient,
  objects: readonly AnyObject[],
  signal: AbortSignal,
): Promise<void> {
  for (const object of objects) {
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

import { Problem } from '#common/base/errors';
import { quantityNumber } from '#common/kube/quantity';
import { Nodes } from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type { Node } from '#common/kube/types';
import { systemClock } from '#main/base/system-clock';
import { createHttpsCarrier } from '#main/client/carrier/https-carrier';
import type { Draft, KubeClient } from '#main/client/client';
import { createClient } from '#main/client/kube-client';
import { connectionOf } from '#main/kubeconfig/connection';
import { contextsOf } from '#main/kubeconfig/contexts';
import { parseKubeconfig } from '#main/kubeconfig/parse';
import { mergeKubeconfigs } from '#main/kubeconfig/read';
import { usageProblem } from './usage';

/** What a new machine is to be. */
export interface NewNode {
  /** The first free `node-N` unless given. */
  node?: string;
  /** Quantities, as a Node's capacity has them; those of every machine unless given. */
  cpu?: string;
  memory?: string;
}

/** Lets one more machine join the running cluster of `kubeconfig`; answers what it is called. */
export async function addNode(kubeconfig: string, wanted: NewNode): Promise<string> {
  checkAmounts(wanted);
  const [context] = await contextsOf(mergeKubeconfigs([parseKubeconfig('(sandbox)', kubeconfig)]));
  if (!context) throw new Error('the kubeconfig of a sandbox has no context');
  const connection = await connectionOf(context, { clock: systemClock, env: {} });
  const carrier = createHttpsCarrier({ ...connection, clock: systemClock, env: {} });
  try {
    return await join(createClient(carrier), wanted);
  } finally {
    carrier.close();
  }
}

async function join(client: KubeClient, wanted: NewNode): Promise<string> {
  const { items } = await client.list(Nodes, {});
  const name = wanted.node ?? freeName(items.map(({ metadata }) => metadata.name));
  try {
    await client.create(Nodes, nodeManifest(name, wanted));
    return name;
  } catch (failure) {
    if (!isAlreadyExists(failure)) throw failure;
    throw new Problem('node-name-taken', `There already is a node called ${name}.`, {
      nextStep: 'Choose another name, or leave it out: the first free one is taken.',
      cause: failure,
    });
  }
}

export function freeName(taken: readonly string[]): string {
  let number = 1;
  while (taken.includes(`node-${number}`)) number++;
  return `node-${number}`;
}

/** A Node that names a machine of its sandbox: the kubelet of it does the rest. */
export function nodeManifest(name: string, { cpu, memory }: NewNode): Draft<Node> {
  const capacity = { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
  return {
    metadata: { name },
    spec: { providerID: `sandbox:///${name}` },
    ...(Object.keys(capacity).length > 0 ? { status: { capacity } } : {}),
  };
}

function checkAmounts({ cpu, memory }: NewNode): void {
  for (const [option, amount] of Object.entries({ cpu, memory })) {
    if (amount !== undefined && !(quantityNumber(amount) > 0)) {
      throw usageProblem(`--${option} takes an amount as Kubernetes writes them, not "${amount}".`, 'sandbox');
    }
  }
}

import { Nodes } from '#common/kube/resources';
import { defineController, settled, type Controller } from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';

/** 10.244.0.0, the first address of the network that Pods of kubeadm's clusters usually have. */
const POD_NETWORK = 10 * 2 ** 24 + 244 * 2 ** 16;
/** Addresses of one node: a /24. */
const PER_NODE = 256;
/** More than a cluster can have nodes. */
const BLOCKS = 8192;

/** Hands out the blocks of the Pods' network, each to one node at a time, the longest free first. */
export class PodBlocks {
  readonly #owners = new Map<number, string>();
  readonly #blocks = new Map<string, number>();
  #next = 0;

  /** Notes that a node has the block of `cidr`; false when another one has it. */
  occupy(node: string, cidr: string): boolean {
    const block = blockOf(cidr);
    if (block === undefined) return true;
    const owner = this.#owners.get(block);
    if (owner !== undefined && owner !== node) return false;
    this.#owners.set(block, node);
    this.#blocks.set(node, block);
    return true;
  }

  /** The block of the node, a free one where it has none yet; undefined when all are taken. */
  take(node: string): string | undefined {
    const own = this.#blocks.get(node);
    if (own !== undefined) return cidrOf(own);
    for (let tried = 0; tried < BLOCKS; tried++) {
      const block = (this.#next + tried) % BLOCKS;
      if (this.#owners.has(block)) continue;
      this.#next = (block + 1) % BLOCKS;
      this.#owners.set(block, node);
      this.#blocks.set(node, block);
      return cidrOf(block);
    }
    return undefined;
  }

  release(node: string): void {
    const block = this.#blocks.get(node);
    this.#blocks.delete(node);
    if (block !== undefined) this.#owners.delete(block);
  }
}

function cidrOf(block: number): string {
  const address = POD_NETWORK + block * PER_NODE;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')}/24`;
}

/** undefined for a range that is not a block of the network. */
function blockOf(cidr: string): number | undefined {
  const [address = '', bits] = cidr.split('/');
  const parts = address.split('.').map(Number);
  if (bits !== '24' || parts.length !== 4) return undefined;
  const block = (parts.reduce((sum, part) => sum * 256 + part, 0) - POD_NETWORK) / PER_NODE;
  return Number.isInteger(block) && block >= 0 && block < BLOCKS ? block : undefined;
}

/** Gives nodes that have none a range of addresses for their Pods, and takes it back when they go. */
export function nodeIpamController(): Controller {
  const blocks = new PodBlocks();
  let hasSeenAll = false;
  return defineController({
    name: 'node-ipam',
    component: 'cidrAllocator',
    reconciles: Nodes,
    concurrency: 1,

    async reconcile(key, { cache, client, record, signal }) {
      // What nodes have already is not given to others, whichever is looked at first.
      if (!hasSeenAll)
        for (const { metadata, spec } of cache.values(Nodes)) blocks.occupy(metadata.name, spec.podCIDR ?? '');
      hasSeenAll = true;
      const node = cache.get(Nodes, key);
      if (!node) {
        blocks.release(key);
        return settled;
      }
      if (node.spec.podCIDR) {
        blocks.occupy(key, node.spec.podCIDR);
        return settled;
      }
      const cidr = blocks.take(key);
      if (!cidr) {
        const message = `Node ${key} status is now: CIDRNotAvailable`;
        record(node, { type: 'Normal', reason: 'CIDRNotAvailable', message });
        return settled;
      }
      const patch = { metadata: { uid: node.metadata.uid }, spec: { podCIDR: cidr, podCIDRs: [cidr] } };
      await ignoreGone(client.patch(Nodes, refOf(node), { type: 'strategic', patch }, { signal }));
      return settled;
    },
  });
}

import type { Node } from '#common/kube/types';

interface ImageSpread {
  /** Bytes, as the node said that had the image first. */
  size: number;
  nodes: Set<string>;
}

/** Which images lie on which nodes. */
export class NodeImages {
  readonly #images = new Map<string, ImageSpread>();
  readonly #byNode = new Map<string, readonly string[]>();
  readonly #seen = new Map<string, unknown>();

  set(node: Node): void {
    const { name } = node.metadata;
    const images = node.status?.images;
    if (this.#seen.get(name) === images && this.#seen.has(name)) return;
    this.remove(name);
    this.#seen.set(name, images);
    const names: string[] = [];
    for (const { names: known = [], sizeBytes = 0 } of images ?? []) {
      for (const image of known) {
        names.push(image);
        let spread = this.#images.get(image);
        if (!spread) this.#images.set(image, (spread = { size: sizeBytes, nodes: new Set() }));
        spread.nodes.add(name);
      }
    }
    this.#byNode.set(name, names);
  }

  remove(nodeName: string): void {
    for (const image of this.#byNode.get(nodeName) ?? []) {
      const spread = this.#images.get(image);
      spread?.nodes.delete(nodeName);
      if (spread?.nodes.size === 0) this.#images.delete(image);
    }
    this.#byNode.delete(nodeName);
    this.#seen.delete(nodeName);
  }

  /** Undefined when no node has the image. */
  spreadOf(image: string): { readonly size: number; readonly nodes: ReadonlySet<string> } | undefined {
    return this.#images.get(image);
  }
}

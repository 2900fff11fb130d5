/** How much of a YAML document comes from aliases: a few lines can stand for more than any memory holds. */
import { isAlias, isMap, isPair, isScalar, isSeq, type Document, type Node } from 'yaml';

/**
 * What go-yaml would refuse about the aliases of a document; undefined for nothing. Small documents may come from aliases
 * almost whole, large ones to a tenth. Nothing is expanded to find out.
 */
export function aliasProblem(document: Document.Parsed): string | undefined {
  const count = new ExpandedCount(document);
  const all = count.of(document.contents);
  if (count.problem) return count.problem;
  const aliased = all - count.direct;
  const isExcessive = aliased > 100 && all > 1000 && aliased / all > allowedRatio(all);
  return isExcessive ? 'document contains excessive aliasing' : undefined;
}

const FEW = 400_000;
const MANY = 4_000_000;

function allowedRatio(count: number): number {
  if (count <= FEW) return 0.99;
  if (count >= MANY) return 0.1;
  return 0.99 - (0.89 * (count - FEW)) / (MANY - FEW);
}

class ExpandedCount {
  readonly #document: Document.Parsed;
  readonly #known = new Map<unknown, number>();
  readonly #open = new Set<unknown>();
  /** Nodes that stand in the text themselves. */
  direct = 0;
  problem: string | undefined;

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  /** Nodes after every alias is replaced by what it stands for. */
  of(node: unknown): number {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    this.#open.add(node);
    const count = this.#count(node as Node);
    this.#open.delete(node);
    this.#known.set(node, count);
    return count;
  }

  #count(node: Node): number {
    if (isAlias(node)) {
      this.direct++;
      const source = node.resolve(this.#document);
      if (!source) this.problem ??= `unknown anchor '${node.source}' referenced`;
      else if (this.#open.has(source)) this.problem ??= `anchor '${node.source}' value contains itself`;
      else return 1 + this.of(source);
      return 1;
    }
    if (isMap(node) || isSeq(node)) {
      this.direct++;
      return node.items.reduce((sum: number, item) => sum + this.#member(item), 1);
    }
    if (isScalar(node)) this.direct++;
    return 1;
  }

  #member(item: unknown): number {
    return isPair(item) ? this.of(item.key) + this.of(item.value) : this.of(item);
  }
}

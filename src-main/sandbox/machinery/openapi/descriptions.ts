/** What the release says about its types: loaded when somebody asks for a document, since nothing else needs it. */

/** `texts` by index; per type its own text and those of its fields, in the order of `TypeSchema.fields`; -1 for none. */
interface PackedDescriptions {
  texts: string[];
  types: Record<string, number[]>;
}

export class Descriptions {
  readonly #packed: PackedDescriptions;

  constructor(packed: PackedDescriptions) {
    this.#packed = packed;
  }

  ofType(name: string): string | undefined {
    return this.#text(name, 0);
  }

  /** `at` counts the fields of the type from 0. */
  ofField(name: string, at: number): string | undefined {
    return this.#text(name, at + 1);
  }

  #text(name: string, at: number): string | undefined {
    const index = this.#packed.types[name]?.[at] ?? -1;
    return this.#packed.texts[index];
  }
}

let loading: Promise<Descriptions> | undefined;

export function loadDescriptions(): Promise<Descriptions> {
  loading ??= import('#resources/kubernetes-schema/descriptions.json').then(
    (module) => new Descriptions(module.default as unknown as PackedDescriptions),
  );
  return loading;
}

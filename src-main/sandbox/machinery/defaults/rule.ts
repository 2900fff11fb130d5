/** Sets what is missing in one value of a type, in place. */
export type DefaultRule = (value: object) => void;

/** Rules of one package: the package's name in OpenAPI documents, and a rule per type. */
export interface PackageDefaults {
  readonly prefix: string;
  readonly rules: Readonly<Record<string, DefaultRule>>;
}

/** A rule over the type that its values are known to have. */
export function rule<T extends object>(set: (value: T) => void): DefaultRule {
  return (value) => set(value as T);
}

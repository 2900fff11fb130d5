/** The question that authorization answers: may this user do this? */
export interface AccessAttributes {
  user: { name: string; groups: readonly string[] };
  verb: string;
  /** Set for requests that are not about a resource. */
  path?: string | undefined;
  group: string;
  resource: string;
  subresource: string;
  name: string;
  namespace: string;
  /** What a list, a watch or a deletion of many is narrowed to: fields and the values they must have. */
  fields?: Readonly<Record<string, string>> | undefined;
}

export interface Verdict {
  allowed: boolean;
  reason: string;
}

/** `pods` or `pods/log`. */
export function resourceText({ resource, subresource }: Pick<AccessAttributes, 'resource' | 'subresource'>): string {
  return subresource ? `${resource}/${subresource}` : resource;
}

/** `Deployments`, `NetworkPolicies`: a kind's plural as people write it, in every language. */
export function kindPlural(kind: string): string {
  if (/(s|x|ch)$/.test(kind)) return kind.endsWith('s') && !kind.endsWith('ss') ? kind : `${kind}es`;
  return /[^aeiou]y$/.test(kind) ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}

/** The files a kubelet writes for name resolution. Pure. */
import type { Pod } from '#common/kube/types';
import { CLUSTER_DOMAIN } from './cluster-dns';

/** Where kubeadm puts the cluster's name server, and what a node's own file says. */
export const DNS_ADDRESS = '10.96.0.10';
const NODE_DNS = '172.18.0.1';

/** `/etc/resolv.conf` by the Pod's dnsPolicy and dnsConfig. */
export function resolvConf({ metadata, spec }: Pod): string {
  const { namespace = 'default' } = metadata;
  const { dnsConfig = {} } = spec;
  const policy = spec.dnsPolicy ?? 'ClusterFirst';
  const usesCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !spec.hostNetwork);
  const svc = `svc.${CLUSTER_DOMAIN}`;
  const searches = usesCluster ? [`${namespace}.${svc}`, svc, CLUSTER_DOMAIN] : [];
  const servers = policy === 'None' ? [] : [usesCluster ? DNS_ADDRESS : NODE_DNS];
  const options = new Map<string, string | undefined>(usesCluster ? [['ndots', '5']] : []);
  for (const { name = '', value } of dnsConfig.options ?? []) options.set(name, value);
  const all = [...new Set([...searches, ...(dnsConfig.searches ?? [])])];
  const words = [...options].map(([name, value]) => (value === undefined ? name : `${name}:${value}`));
  return [
    all.length > 0 ? `search ${all.join(' ')}` : '',
    ...[...new Set([...servers, ...(dnsConfig.nameservers ?? [])])].map((server) => `nameserver ${server}`),
    words.length > 0 ? `options ${words.join(' ')}` : '',
  ]
    .filter(Boolean)
    .map((line) => `${line}\n`)
    .join('');
}

/** `/etc/hosts`: the Pod's own name, with its subdomain when it has one, and its host aliases. */
export function hostsFile({ metadata, spec }: Pod, ip: string): string {
  const { namespace = 'default', name } = metadata;
  const hostname = spec.hostname ?? name;
  const full = spec.subdomain ? `${hostname}.${spec.subdomain}.${namespace}.svc.${CLUSTER_DOMAIN}\t` : '';
  const aliases = (spec.hostAliases ?? []).map(
    ({ ip: alias, hostnames = [] }) => `${alias}\t${hostnames.join('\t')}\n`,
  );
  return [
    '# Kubernetes-managed hosts file.\n',
    '127.0.0.1\tlocalhost\n',
    '::1\tlocalhost ip6-localhost ip6-loopback\n',
    'fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n',
    `${ip}\t${full}${hostname}\n`,
    aliases.length > 0 ? `\n# Entries added by HostAliases.\n${aliases.join('')}` : '',
  ].join('');
}

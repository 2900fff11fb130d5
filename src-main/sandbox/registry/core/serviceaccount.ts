import { ServiceAccounts } from '#common/kube/resources';
import type { ServiceAccount } from '#common/kube/types';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy } from '../strategy';

const MOUNTABLE = 'kubernetes.io/enforce-mountable-secrets';

export const serviceAccountStrategy = defineStrategy<ServiceAccount>({
  resource: ServiceAccounts,
  prepareForCreate: keepNames,
  update: { prepare: keepNames },
  checks: {
    create: ({ metadata }, into) => checkMetadata(metadata, dnsSubdomain, into),
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkMetadata(next.metadata, dnsSubdomain, into);
    },
  },
  warnings({ metadata }, before) {
    const isNew = metadata.annotations?.[MOUNTABLE] !== undefined && !before?.metadata.annotations?.[MOUNTABLE];
    if (!isNew) return [];
    return [
      `metadata.annotations[${MOUNTABLE}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
    ];
  },
});

/** A reference to a secret is its name. */
function keepNames(account: ServiceAccount): void {
  if (account.secrets) account.secrets = account.secrets.map(({ name }) => (name === undefined ? {} : { name }));
}

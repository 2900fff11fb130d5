import type { KeyedCertificate } from '#main/base/x509/certificate';
import { systemClock } from '#main/base/system-clock';
import { approvingController } from './certificates/approving';
import { certificateCleaner } from './certificates/cleaner';
import { signingController } from './certificates/signing';
import type { Controller } from './runtime/define-controller';
import { accountSecretController } from './tokens/account-secrets';
import { bootstrapSigner, tokenCleaner } from './tokens/bootstrap-tokens';
import { legacyTokenCleaner } from './tokens/legacy-token-cleaner';
import { clusterRoleAggregation } from './rbac/cluster-role-aggregation';

/** What controllers sign with: the cluster's authority, and the key of the tokens of its accounts (PEM). */
export interface ClusterKeys {
  authority: KeyedCertificate;
  tokenKey: string;
}

/** Controllers of who may do what. */
export function accessControllers(keys: ClusterKeys): Controller[] {
  return [
    clusterRoleAggregation,
    approvingController,
    signingController(keys.authority, systemClock),
    certificateCleaner,
    accountSecretController(keys),
    tokenCleaner,
    legacyTokenCleaner,
    bootstrapSigner,
  ];
}

/** Who the components of a cluster are to its API server, as kubeadm sets them up: what they may is what roles give them. */
import type { User } from './authn/user';
import { actsAs } from './controllers/controller-accounts';

/** The program that runs the controllers. */
export const MANAGER = 'kube-controller-manager';

/** Whoever runs the cluster: no role has to allow what it does. */
export const operator = (name: string): User => ({
  name: `system:${name}`,
  groups: ['system:masters', 'system:authenticated'],
});

export const scheduler: User = { name: 'system:kube-scheduler', groups: ['system:authenticated'] };

/** The informers that all controllers share, and what they do in nobody's name. */
export const controllerManager: User = { name: 'system:kube-controller-manager', groups: ['system:authenticated'] };

/** A controller has an account of its own (kube-controller-manager's `--use-service-account-credentials`). */
export function userOfController(controller: string): User {
  const identity = actsAs(controller);
  if (identity === 'manager') return controllerManager;
  if (identity === 'operator') return operator(MANAGER);
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'];
  return { name: `system:serviceaccount:kube-system:${identity.account}`, groups };
}

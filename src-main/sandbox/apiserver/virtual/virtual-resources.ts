/** Resources that are answered, not stored: reviews, bindings, component statuses, metrics. */
import { methodNotAllowed } from '../dispatch-errors';
import type { Exchange, Handler } from '../exchange';
import { createBinding } from '../subresources/binding';
import { componentStatuses } from './component-statuses';
import { nodeMetrics, podMetrics } from './metrics';
import {
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectReview,
  selfSubjectRulesReview,
  subjectAccessReview,
  tokenReview,
} from './reviews';

/** By `group/plural`, then by verb. */
const VIRTUAL: Readonly<Record<string, Partial<Record<string, Handler>>>> = {
  '/componentstatuses': { get: componentStatuses, list: componentStatuses },
  '/bindings': { create: createBinding },
  'authentication.k8s.io/selfsubjectreviews': { create: selfSubjectReview },
  'authentication.k8s.io/tokenreviews': { create: tokenReview },
  'authorization.k8s.io/selfsubjectaccessreviews': { create: selfSubjectAccessReview },
  'authorization.k8s.io/selfsubjectrulesreviews': { create: selfSubjectRulesReview },
  'authorization.k8s.io/subjectaccessreviews': { create: subjectAccessReview },
  'authorization.k8s.io/localsubjectaccessreviews': { create: localSubjectAccessReview },
  'metrics.k8s.io/nodes': { get: nodeMetrics, list: nodeMetrics },
  'metrics.k8s.io/pods': { get: podMetrics, list: podMetrics },
};

/** The handler of a resource that is not stored; undefined for those that are. */
export function virtualHandler({ info, server }: Exchange): Handler | undefined {
  const handlers = VIRTUAL[`${info.group}/${info.plural}`];
  if (!handlers || !server.catalogue.hasGroupVersion(info.group, info.version)) return undefined;
  // A cluster without metrics of its own may have a definition of that name.
  if (server.catalogue.find(info)?.custom) return undefined;
  const handler = handlers[info.verb];
  if (!handler) throw methodNotAllowed();
  return handler;
}

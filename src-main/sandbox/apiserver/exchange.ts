import type { Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import type { NodeDirectory } from '#main/base/node-api';
import type { MetricFamily } from '#main/base/prometheus-text';
import type { Authenticator } from '#main/sandbox/authn/authenticator';
import type { Authorizer } from '#main/sandbox/authz/authorizer';
import type { ServiceAccountTokens } from '#main/sandbox/authn/service-account-tokens';
import type { ServiceRange } from '#main/sandbox/registry/core/service-range';
import type { Admission, Requester } from '#main/sandbox/registry/registry-context';
import type { Store } from '#main/sandbox/store/store';
import type { ApiRequest, ApiResponse } from './api-request';
import type { Aggregator } from './aggregation/aggregator';
import type { Catalogue } from './catalogue';
import type { MetricsSource } from './metrics';
import type { RequestInfo } from './request-info';
import type { SchedulingAttempts } from './scheduling-attempts';
import type { RequestSeats } from './request-seats';
import type { ServedResource } from './served-resource';

/** What the whole server shares; the same for every request. */
export interface ServerParts {
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly aggregator: Aggregator;
  readonly serviceRange: ServiceRange;
  readonly clock: Clock;
  /** For deadlines that clients see. */
  readonly wallClock: Clock;
  readonly random: Random;
  readonly admission: Admission;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  /** By user: the way of impersonation that was open to them last. */
  readonly impersonationModes: Map<string, string>;
  readonly tokens: ServiceAccountTokens;
  readonly nodes: NodeDirectory;
  readonly metrics: MetricsSource | undefined;
  readonly schedulingAttempts: SchedulingAttempts | undefined;
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal;
  /** Runs a request from the beginning, as the loopback carrier does. */
  readonly counters: RequestCounters;
  /** Of requests that are under way. */
  readonly seats: RequestSeats;
}

/** What `/metrics` tells of requests. */
export interface RequestCounters {
  /** Counts a request as under way until the answer is called. */
  begin(info: RequestInfo): () => void;
  count(info: RequestInfo, outcome: { method: string; dryRun: boolean; code: number; seconds: number }): void;
  families(): MetricFamily[];
}

/** One request on its way through the chain; filters fill in what they find out. */
export interface Exchange {
  readonly request: ApiRequest;
  readonly server: ServerParts;
  readonly auditId: string;
  info: RequestInfo;
  user: Requester;
  /** Texts of Warning headers. */
  readonly warnings: string[];
}

/** An exchange about a resource that is served. */
export interface ResourceExchange extends Exchange {
  readonly served: ServedResource;
}

export type Handler = (exchange: Exchange) => Promise<ApiResponse>;

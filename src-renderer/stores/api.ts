import { inject, type InjectionKey } from 'vue';
import type { PilothouseApi } from '#common/contract/contract';
import type { HostConnection } from '#renderer/transport/connection';

export type { HostConnection };

export const connectionKey: InjectionKey<HostConnection> = Symbol('host connection');

export function useConnection(): HostConnection {
  const connection = inject(connectionKey);
  if (!connection) throw new Error('no host connection is provided');
  return connection;
}

export function useApi(): PilothouseApi {
  return useConnection().api;
}

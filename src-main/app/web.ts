import { Scope } from '#common/base/scope';
import { contract } from '#common/contract/contract';
import { serve } from '#common/contract/serve';
import { startWebServer } from '#main/transport/websocket/server';
import { composeHost, type HostOptions } from './compose';

export interface WebHostOptions extends Omit<HostOptions, 'scope' | 'info'> {
  /** 0 takes a free one. */
  port: number;
  version: string;
  /** The built window. */
  windowFolder: string;
  /** The cluster to open first, if the program was started for one. */
  openFirst?: string | undefined;
}

export interface WebHost {
  /** Carries the key of this launch: whoever opens it may use the program. */
  url: string;
  port: number;
  close(): Promise<void>;
}

/** Serves the program to a browser on this computer. Rejects with Problem `port-in-use`. */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const { port, version, windowFolder, openFirst, ...hostOptions } = options;
  const scope = new Scope('web host');
  try {
    const platform = process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux';
    const info = { version, host: 'browser', platform, ...(openFirst ? { openFirst } : {}) } as const;
    const { handlers } = await composeHost({ ...hostOptions, info, scope });
    const connected = (channel: Parameters<typeof serve>[2]) => serve(contract, handlers, channel);
    const server = await startWebServer({ port, folder: windowFolder, connected });
    scope.add(() => server.close());
    return { url: server.url, port: server.port, close: () => scope.close() };
  } catch (failure) {
    await scope.close();
    throw failure;
  }
}

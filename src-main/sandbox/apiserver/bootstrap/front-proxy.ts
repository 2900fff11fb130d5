import type { Seed } from './seed';

/** Who may speak for others in requests that the API server passes on. */
export const FRONT_PROXY = 'front-proxy-client';

/** What servers behind APIServices read to know the API server, and its users' certificates. */
export function frontProxyConfiguration(authority: string): Seed {
  return {
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: {
      'client-ca-file': authority,
      'requestheader-allowed-names': JSON.stringify([FRONT_PROXY]),
      'requestheader-client-ca-file': authority,
      'requestheader-extra-headers-prefix': JSON.stringify(['X-Remote-Extra-']),
      'requestheader-group-headers': JSON.stringify(['X-Remote-Group']),
      'requestheader-username-headers': JSON.stringify(['X-Remote-User']),
    },
  };
}

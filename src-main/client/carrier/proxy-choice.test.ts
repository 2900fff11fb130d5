import { describe, expect, it } from 'vitest';
import { chooseProxy } from './proxy-choice';

const proxy = 'http://proxy:3128';

describe('the proxy of a server', () => {
  it.each([
    { case: 'none', server: 'https://api.example:6443', env: {}, want: undefined },
    {
      case: 'of the cluster wins',
      server: 'https://api.example',
      own: 'socks5://s:1080',
      env: { HTTPS_PROXY: proxy },
      want: 'socks5://s:1080',
    },
    {
      case: 'of the cluster even for this computer',
      server: 'https://127.0.0.1',
      own: proxy,
      env: {},
      want: 'http://proxy:3128/',
    },
    { case: 'for https', server: 'https://api.example', env: { HTTPS_PROXY: proxy }, want: 'http://proxy:3128/' },
    {
      case: 'in small letters',
      server: 'https://api.example',
      env: { https_proxy: 'proxy:3128' },
      want: 'http://proxy:3128/',
    },
    { case: 'for http is another', server: 'http://api.example', env: { HTTPS_PROXY: proxy }, want: undefined },
    { case: 'never for this computer', server: 'https://127.0.0.1:6443', env: { HTTPS_PROXY: proxy }, want: undefined },
    { case: 'never for localhost', server: 'https://localhost:6443', env: { HTTPS_PROXY: proxy }, want: undefined },
    {
      case: 'excluded by name',
      server: 'https://api.example',
      env: { HTTPS_PROXY: proxy, NO_PROXY: 'api.example' },
      want: undefined,
    },
    {
      case: 'excluded by suffix',
      server: 'https://api.example',
      env: { HTTPS_PROXY: proxy, NO_PROXY: 'x, .example' },
      want: undefined,
    },
    {
      case: 'excluded by parent',
      server: 'https://api.example',
      env: { HTTPS_PROXY: proxy, no_proxy: 'example' },
      want: undefined,
    },
    {
      case: 'not excluded by half a name',
      server: 'https://api.example',
      env: { HTTPS_PROXY: proxy, NO_PROXY: 'ample' },
      want: 'http://proxy:3128/',
    },
    {
      case: 'excluded by range',
      server: 'https://10.1.2.3',
      env: { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/8' },
      want: undefined,
    },
    {
      case: 'not excluded by another range',
      server: 'https://11.1.2.3',
      env: { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/8' },
      want: 'http://proxy:3128/',
    },
    {
      case: 'excluded by address',
      server: 'https://[fd00::1]:6443',
      env: { HTTPS_PROXY: proxy, NO_PROXY: 'fd00::1' },
      want: undefined,
    },
    {
      case: 'excluded on one port',
      server: 'https://api.example:6443',
      env: { HTTPS_PROXY: proxy, NO_PROXY: 'api.example:6443' },
      want: undefined,
    },
    {
      case: 'not excluded on another port',
      server: 'https://api.example:443',
      env: { HTTPS_PROXY: proxy, NO_PROXY: 'api.example:6443' },
      want: 'http://proxy:3128/',
    },
    {
      case: 'excluded always',
      server: 'https://api.example',
      env: { HTTPS_PROXY: proxy, NO_PROXY: '*' },
      want: undefined,
    },
  ])('$case', ({ server, own, env, want }) => {
    expect(chooseProxy(new URL(server), own, env)?.href).toBe(want);
  });
});

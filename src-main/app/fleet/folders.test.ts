import { describe, expect, it } from 'vitest';
import { programFolders, type FolderContext } from './folders';

const folders = (over: Partial<FolderContext>) =>
  programFolders({ env: {}, platform: 'linux', home: '/home/ada', ...over });

describe('programFolders', () => {
  it.each<[string, Partial<FolderContext>, string, string]>([
    ['Linux', {}, '/home/ada/.local/state/pilothouse', '/home/ada/.local/share/pilothouse/sandboxes'],
    [
      'Linux with XDG folders',
      { env: { XDG_DATA_HOME: '/data', XDG_STATE_HOME: '/state' } },
      '/state/pilothouse',
      '/data/pilothouse/sandboxes',
    ],
    [
      'Linux with a relative XDG folder, which is ignored',
      { env: { XDG_STATE_HOME: 'state' } },
      '/home/ada/.local/state/pilothouse',
      '/home/ada/.local/share/pilothouse/sandboxes',
    ],
    [
      'macOS',
      { platform: 'darwin' },
      '/home/ada/Library/Application Support/Pilothouse',
      '/home/ada/Library/Application Support/Pilothouse/sandboxes',
    ],
    [
      'Windows',
      { platform: 'win32', env: { LOCALAPPDATA: '/local' } },
      '/local/Pilothouse',
      '/local/Pilothouse/sandboxes',
    ],
    ['a folder of its own', { env: { PILOTHOUSE_HOME: '/tmp/p' } }, '/tmp/p', '/tmp/p/sandboxes'],
    [
      'a folder of its own on macOS',
      { platform: 'darwin', env: { PILOTHOUSE_HOME: '/tmp/p' } },
      '/tmp/p',
      '/tmp/p/sandboxes',
    ],
  ])('%s', (_case, over, state, sandboxes) => {
    expect(folders(over)).toMatchObject({ state, sandboxes });
  });

  it.each<[string, Partial<FolderContext>, string]>([
    ['Linux', {}, '/home/ada/.cache/pilothouse/compiled'],
    ['Linux with an XDG folder', { env: { XDG_CACHE_HOME: '/cache' } }, '/cache/pilothouse/compiled'],
    ['a folder of its own', { env: { PILOTHOUSE_HOME: '/tmp/p' } }, '/tmp/p/compiled'],
  ])('keeps compiled code where a cache belongs: %s', (_case, over, compiled) => {
    expect(folders(over).compiled).toBe(compiled);
  });
});

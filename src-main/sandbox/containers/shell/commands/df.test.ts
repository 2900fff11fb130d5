import { describe, expect, it } from 'vitest';
import { execText, testContainer } from '#test/harness/test-container';
import { PodVolume } from '../../container-files';
import { ext4Blocks } from './df';

describe('df', () => {
  it.each([
    { bytes: 2 ** 30, blocks: 999_424 },
    { bytes: 2 ** 31, blocks: 1_998_848 },
    { bytes: 10 * 2 ** 30, blocks: 10_256_384 },
  ])('leaves $blocks blocks of a device of $bytes bytes for files', ({ bytes, blocks }) => {
    expect(ext4Blocks(bytes)).toBe(blocks);
  });

  it('shows the size of a volume where it is mounted, and what is on it', async () => {
    const volume = new PodVolume();
    volume.deviceBytes = 2 ** 31;
    const container = testContainer('busybox', { mounts: [{ path: '/data', volume }] });
    const { out } = await execText(container, ['sh', '-c', 'printf %2048s x > /data/file; df /data; df -h /data/file']);
    expect(out).toBe(
      'Filesystem           1K-blocks      Used Available Use% Mounted on\n' +
        '/dev/rbd0              1998848        26   1998822   1% /data\n' +
        'Filesystem                Size      Used Available Use% Mounted on\n' +
        '/dev/rbd0                 1.9G     26.0K      1.9G   1% /data\n',
    );
  });

  it('shows the disk of the node for folders of it', async () => {
    const container = testContainer('debian', { mounts: [{ path: '/cache', volume: new PodVolume() }] });
    const { out } = await execText(container, ['df', '-h']);
    expect(out).toMatch(/^Filesystem +Size +Used Avail Use% Mounted on\noverlay +98G +18G +81G +18% \/\n/);
    expect(out).toMatch(/\/dev\/vda1 .* \/cache\n$/);
    const missing = await execText(container, ['df', '/nowhere']);
    expect(missing.err).toBe('df: /nowhere: No such file or directory\n');
  });
});

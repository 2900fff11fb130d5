import { describe, expect, it } from 'vitest';
import { execText, testContainer } from '#test/harness/test-container';
import { PodVolume } from '../../container-files';

const run = (script: string, image = 'busybox', options: Parameters<typeof testContainer>[1] = {}) =>
  execText(testContainer(image, options), ['sh', '-c', script]);

describe('files that are filled', () => {
  it('makes files that are larger than memory', async () => {
    const { out, err } = await run(
      'fallocate -l 80G /big; truncate -s 300G /huge; ls -l /big | tr -s " " | cut -d" " -f5; stat -c %s /huge; mv /big /moved; stat -c %s /moved; rm /moved; ls /moved',
    );
    expect(out).toBe(`${80 * 2 ** 30}\n${300 * 2 ** 30}\n${80 * 2 ** 30}\n`);
    expect(err).toContain('/moved');
  });

  it('reads back what it has made, once', async () => {
    expect((await run('truncate -s 2k /f; cat /f | wc -c; printf abc >> /f; wc -c < /f')).out.split(/\s+/)).toEqual([
      '2048',
      '2051',
      '',
    ]);
  });

  it('stops where a device is full', async () => {
    const volume = new PodVolume();
    volume.deviceBytes = 2 ** 20;
    const { out, err, code } = await run(
      'dd if=/dev/zero of=/data/file bs=1M count=3; stat -c %s /data/file',
      'busybox',
      {
        mounts: [{ path: '/data', volume }],
      },
    );
    expect(err).toMatch(/^dd: error writing '\/data\/file': No space left on device\n1\+0 records in\n/);
    expect(out).toBe(`${2 ** 20}\n`);
    expect(code).toBe(0);
  });
});

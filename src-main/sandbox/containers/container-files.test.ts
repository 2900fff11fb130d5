import { describe, expect, it } from 'vitest';
import { execText, testContainer } from '#test/harness/test-container';
import { PodVolume, type ContainerMount } from './container-files';
import { VolumeStore } from './volume-store';

const run = async (script: string, ...mounts: ContainerMount[]) =>
  (await execText(testContainer('busybox', { mounts }), ['sh', '-c', script])).out;

describe('files of containers', () => {
  it('are shared by what mounts the same volume, also through a folder of it', async () => {
    const volume = new PodVolume();
    await run('echo one > /data/sub/a; mkdir /data/sub/deep; echo two > /data/sub/deep/b', {
      path: '/data/sub',
      volume,
      subPath: 'sub',
    });
    expect(
      await run(
        'cat /all/sub/a; cat /part/deep/b',
        { path: '/all', volume },
        { path: '/part', volume, subPath: 'sub' },
      ),
    ).toBe('one\ntwo\n');
    expect(await run('ls /part/..; cd /part/deep; cat ../a', { path: '/part', volume, subPath: 'sub' })).toContain(
      'one\n',
    );
  });

  it('lie behind links that change all at once where the kubelet writes them', async () => {
    let generation = 0;
    const volume = new PodVolume(
      new Map([
        ['a', 'one'],
        ['b/c', 'two'],
      ]),
      () => `..2026_01_02.${++generation}`,
    );
    const fs = await volume.fs();
    expect((await fs.readdir('/')).sort()).toEqual(['..2026_01_02.1', '..data', 'a', 'b']);
    expect(await fs.readlink('/a')).toBe('..data/a');
    expect(await fs.readFile('/b/c')).toBe('two');
    expect(await volume.bytes()).toBe(6);
    await volume.replace(
      new Map([
        ['a', 'new'],
        ['d', ''],
      ]),
    );
    expect((await fs.readdir('/')).sort()).toEqual(['..2026_01_02.2', '..data', 'a', 'd']);
    expect(await fs.readFile('/a')).toBe('new');
  });

  it('lie in a mount inside of another, and in a file over a mount', async () => {
    const [outer, inner] = [new PodVolume(), new PodVolume()];
    const conf = new PodVolume(new Map([['app.conf', 'x=1\n']]));
    const out = await run(
      'echo in > /data/sub/deep/f; echo out > /data/g; ls /data; cat /data/app.conf',
      { path: '/data/sub/deep', volume: inner },
      { path: '/data/app.conf', volume: conf, subPath: 'app.conf' },
      { path: '/data', volume: outer },
    );
    expect(out).toBe('app.conf\ng\nsub\nx=1\n');
    expect(await run('cat /v/f', { path: '/v', volume: inner })).toBe('in\n');
    const locked = { path: '/ro', volume: conf, readOnly: true };
    expect(await run('cat /ro/app.conf /ro/in/f', locked, { path: '/ro/in', volume: inner })).toBe('x=1\nin\n');
    expect(await run('ls /v /v/sub/deep', { path: '/v', volume: outer })).toContain('g\nsub\n');
  });

  it('are copied by their content where a link leads to them', async () => {
    const volume = new PodVolume(new Map([['app.conf', 'x=1\n']]), () => '..2026_01_01');
    expect(await run('cp /cfg/app.conf /tmp/; cat /tmp/app.conf', { path: '/cfg', volume })).toBe('x=1\n');
  });

  it('are a copy when a mount names one file', async () => {
    const volume = new PodVolume(new Map([['app.conf', 'x=1\n']]));
    expect(await run('cat /etc/app.conf', { path: '/etc/app.conf', volume, subPath: 'app.conf' })).toBe('x=1\n');
  });

  it('stay with a PersistentVolume until it is gone, and with the folder of a node', async () => {
    const store = new VolumeStore();
    await run('echo kept > /data/f', { path: '/data', volume: store.persistent('pv-1') });
    expect(await run('cat /data/f', { path: '/data', volume: store.persistent('pv-1') })).toBe('kept\n');
    store.forget('pv-1');
    expect(await run('ls /data', { path: '/data', volume: store.persistent('pv-1') })).toBe('');
    await run('echo here > /data/f', { path: '/data', volume: store.disk('node-1'), subPath: 'data' });
    expect(await run('ls /data', { path: '/data', volume: store.disk('node-2'), subPath: 'data' })).toBe('');
    expect(await run('cat /data/f', { path: '/data', volume: store.disk('node-1'), subPath: 'data' })).toBe('here\n');
  });
});

import { describe, expect, it } from 'vitest';
import type { Pod } from '#common/kube/types';
import { tolerationText, volumesOf } from './volumes';

describe('volumesOf', () => {
  it('names what each volume stands for, the token last', () => {
    const volumes = [
      {
        name: 'kube-api-access-x',
        projected: { sources: [{ serviceAccountToken: { path: 't' } }, { configMap: { name: 'ca' } }] },
      },
      { name: 'conf', configMap: { name: 'web-conf' } },
      { name: 'tls', secret: { secretName: 'web-tls' } },
      { name: 'data', persistentVolumeClaim: { claimName: 'data-0' } },
      { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
      { name: 'logs', hostPath: { path: '/var/log' } },
    ];
    expect(volumesOf({ spec: { volumes } } as unknown as Pod)).toEqual([
      { name: 'conf', source: 'configMap', detail: 'web-conf' },
      { name: 'tls', source: 'secret', detail: 'web-tls' },
      { name: 'data', source: 'persistentVolumeClaim', detail: 'data-0' },
      { name: 'tmp', source: 'emptyDir', detail: 'Memory, 64Mi' },
      { name: 'logs', source: 'hostPath', detail: '/var/log' },
      { name: 'kube-api-access-x', source: 'projected', detail: 'serviceAccountToken, configMap ca' },
    ]);
  });
});

describe('tolerationText', () => {
  it.each([
    [{ key: 'dedicated', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' }, 'dedicated=gpu:NoSchedule'],
    [{ key: 'a', operator: 'Exists', effect: 'NoExecute' }, 'a:NoExecute'],
    [{ operator: 'Exists' }, ''],
    [{ key: 'a', operator: 'Exists' }, 'a'],
  ])('%j is "%s"', (toleration, text) => {
    expect(tolerationText(toleration)).toBe(text);
  });
});

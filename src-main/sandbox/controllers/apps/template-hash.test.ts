import { describe, expect, it } from 'vitest';
import type { PodTemplateSpec } from '#common/kube/types';
import { sameTemplate, templateHash } from './template-hash';

const template = (image: string, labels: Record<string, string> = { app: 'web' }): PodTemplateSpec => ({
  metadata: { labels },
  spec: { containers: [{ name: 'web', image }] },
});

describe('templateHash', () => {
  it('is short, safe in names, and the same for the same content in any order', () => {
    const hash = templateHash(template('nginx'));
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{7,10}$/);
    const turned = { spec: { containers: [{ image: 'nginx', name: 'web' }] }, metadata: { labels: { app: 'web' } } };
    expect(templateHash(turned)).toBe(hash);
  });

  it('differs for another template, and after a collision', () => {
    const hashes = [
      templateHash(template('nginx')),
      templateHash(template('httpd')),
      templateHash(template('nginx'), 1),
    ];
    expect(new Set(hashes).size).toBe(3);
  });
});

describe('sameTemplate', () => {
  it('does not count the hash label', () => {
    expect(sameTemplate(template('nginx'), template('nginx', { app: 'web', 'pod-template-hash': 'abc' }))).toBe(true);
    expect(sameTemplate(template('nginx'), template('nginx', { app: 'db' }))).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { pullVerdict } from './image-profile';
import { canonicalName, parseImageReference } from './image-reference';

describe('image references', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.29', 'docker.io/library/nginx:1.29'],
    ['me/app:2', 'docker.io/me/app:2'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
  ])('%s is %s', (image, canonical) => {
    const reference = parseImageReference(image);
    expect(reference && canonicalName(reference)).toBe(canonical);
  });

  it.each(['Nginx', 'nginx:', 'a//b', ''])('refuses %j', (image) => {
    expect(parseImageReference(image)).toBeUndefined();
  });

  it.each([
    ['nginx:1.29', 'pulled'],
    ['nginx:1.14.2', 'pulled'],
    ['nginx:1.161', 'refused'],
    ['nginx:nope', 'refused'],
    ['registry.example.invalid/app:1', 'refused'],
    ['ghcr.io/someone/thing:main', 'pulled'],
    ['busybox:1.36', 'pulled'],
  ])('a pull of %s is %s', (image, outcome) => {
    expect(pullVerdict(parseImageReference(image)!).outcome).toBe(outcome);
  });

  it.each([
    { case: 'nothing', login: undefined, message: 'no basic auth credentials' },
    { case: 'a wrong password', login: { username: 'admin', password: 'no' }, message: '401 Unauthorized' },
    { case: 'the right password', login: { username: 'admin', password: 'Harbor12345' }, message: undefined },
  ])('a private registry given $case', ({ login, message }) => {
    const credentials = new Map(login ? [['harbor.internal', login] as const] : []);
    const verdict = pullVerdict(parseImageReference('harbor.internal/shop/api:1.2')!, credentials);
    expect(verdict.outcome).toBe(message ? 'refused' : 'pulled');
    if (verdict.outcome === 'refused') expect(verdict.message).toContain(message);
  });
});

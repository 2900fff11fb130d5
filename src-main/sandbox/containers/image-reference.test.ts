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
});

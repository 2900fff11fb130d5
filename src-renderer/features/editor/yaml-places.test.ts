import { describe, expect, it } from 'vitest';
import { placeOf, readYaml, yamlProblems } from './yaml-places';

const text = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app.kubernetes.io/name: web
spec:
  replicas: -1
  template:
    spec:
      containers:
        - name: sidecar
          image: busybox
        - name: nginx
          image: nginx:1.29
          ports:
            - containerPort: 80
              protocol: TCP
`;

function slice(field: string): string | undefined {
  const place = placeOf(text, field);
  return place && text.slice(place.from, place.to);
}

describe('placeOf', () => {
  it.each([
    ['spec.replicas', '-1'],
    ['metadata.labels[app.kubernetes.io/name]', 'web'],
    ['spec.template.spec.containers[1].image', 'nginx:1.29'],
    ['.spec.template.spec.containers[name="nginx"].image', 'nginx:1.29'],
    ['.spec.template.spec.containers[name="nginx"].ports[containerPort=80,protocol="TCP"].protocol', 'TCP'],
    ['spec.template', 'template'],
    ['spec.template.spec.containers[0]', 'name'],
  ])('finds %s at "%s"', (field, found) => {
    expect(slice(field)).toBe(found);
  });

  it('falls back to the nearest parent that is written down', () => {
    expect(slice('spec.selector.matchLabels')).toBe('spec');
    expect(slice('spec.template.spec.containers[7].image')).toBe('containers');
  });
});

describe('yamlProblems', () => {
  it('finds nothing in good YAML', () => {
    expect(yamlProblems(text)).toEqual([]);
  });

  it('names a key that is written twice, at its second place', () => {
    const twice = 'a: 1\nb: 2\na: 3\n';
    const [problem] = yamlProblems(twice);
    expect(problem?.message).toBe('Map keys must be unique');
    expect(problem?.from).toBe(10);
  });

  it('marks every document of several', () => {
    const problems = yamlProblems('a: [1\n---\nb: {\n');
    expect(problems.length).toBeGreaterThanOrEqual(2);
    expect(problems.every(({ severity, from, to }) => severity === 'error' && to > from)).toBe(true);
  });
});

describe('readYaml', () => {
  it('reads a map and refuses everything else', () => {
    expect(readYaml('a: 1')).toEqual({ a: 1 });
    expect(readYaml('- a')).toBeUndefined();
    expect(readYaml('a: [')).toBeUndefined();
  });
});

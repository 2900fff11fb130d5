import { expect, it } from 'vitest';
import { parseFieldPath } from './field-path';

it.each([
  { path: 'spec.replicas', steps: ['spec', 'replicas'] },
  { path: '.spec.replicas', steps: ['spec', 'replicas'] },
  { path: 'spec.template.spec.containers[0].image', steps: ['spec', 'template', 'spec', 'containers', 0, 'image'] },
  { path: 'metadata.labels[app.kubernetes.io/name]', steps: ['metadata', 'labels', 'app.kubernetes.io/name'] },
  { path: 'metadata.annotations["a]b"]', steps: ['metadata', 'annotations', 'a]b'] },
  { path: 'data[my.key]', steps: ['data', 'my.key'] },
  {
    path: '.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].name',
    steps: ['spec', 'containers', { name: 'web' }, 'ports', { containerPort: 80, protocol: 'TCP' }, 'name'],
  },
  { path: '', steps: [] },
])('reads $path', ({ path, steps }) => {
  expect(parseFieldPath(path)).toEqual(steps);
});

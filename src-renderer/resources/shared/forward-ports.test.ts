import { expect, it } from 'vitest';
import type { AnyObject } from '#common/kube/object';
import { forwardPorts } from './forward-ports';

const object = (spec: object) => ({ spec }) as unknown as AnyObject;

it.each([
  {
    case: 'a Pod',
    spec: {
      containers: [
        {
          ports: [
            { containerPort: 80, name: 'http' },
            { containerPort: 53, protocol: 'UDP' },
          ],
        },
        {},
      ],
    },
    ports: [{ port: 80, name: 'http' }],
  },
  {
    case: 'a Service',
    spec: { ports: [{ port: 443, name: 'https', protocol: 'TCP' }, { port: 443 }] },
    ports: [{ port: 443, name: '' }],
  },
  {
    case: 'a workload',
    spec: { template: { spec: { containers: [{ ports: [{ containerPort: 9090 }] }] } } },
    ports: [{ port: 9090, name: '' }],
  },
  { case: 'what has none', spec: {}, ports: [] },
])('finds the ports of $case', ({ spec, ports }) => {
  expect(forwardPorts(object(spec))).toEqual(ports);
});

import { describe, expect, it } from 'vitest';
import type { Carrier, CarrierRequest } from '#main/client/carrier';
import { Fairness } from './fair-carrier';

const request: CarrierRequest = { method: 'GET', path: '/' };

/** A carrier that notes when its requests pass. */
function noting(name: string, passed: string[]): Carrier {
  const send = async () => {
    passed.push(name);
    return { status: 200, headers: {} } as Awaited<ReturnType<Carrier['send']>>;
  };
  return { send, upgrade: () => Promise.reject(new Error('not asked for')), close: () => Promise.resolve() };
}

describe('Fairness', () => {
  it('lets a component with one request through before another has sent its thousand', async () => {
    const fairness = new Fairness();
    const passed: string[] = [];
    const busy = fairness.carrier(noting('busy', passed));
    const quiet = fairness.carrier(noting('quiet', passed));
    const all = Array.from({ length: 3000 }, () => busy.send(request));
    all.push(quiet.send(request));
    await Promise.all(all);
    expect(passed).toHaveLength(3001);
    expect(passed.indexOf('quiet')).toBeLessThan(100);
  });

  it('keeps the order of the requests of one component', async () => {
    const passed: string[] = [];
    const carrier = new Fairness().carrier({
      ...noting('', passed),
      send: async ({ path }) => {
        passed.push(path);
        return { status: 200, headers: {} } as Awaited<ReturnType<Carrier['send']>>;
      },
    });
    const paths = Array.from({ length: 2500 }, (_one, index) => `/${index}`);
    await Promise.all(paths.map((path) => carrier.send({ ...request, path })));
    expect(passed).toEqual(paths);
  });

  it('gives the event loop its turn between a few requests', async () => {
    const fairness = new Fairness();
    const passed: string[] = [];
    const carrier = fairness.carrier(noting('one', passed));
    const all = Promise.all(Array.from({ length: 200 }, () => carrier.send(request)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(passed.length).toBeLessThan(200);
    await all;
  });
});

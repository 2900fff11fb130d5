import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { listenLocally } from './local-port';

const servers: Server[] = [];
const server = () => {
  const created = createServer();
  servers.push(created);
  return created;
};
afterEach(() => Promise.all(servers.splice(0).map((one) => new Promise((resolve) => one.close(resolve)))));

describe('listenLocally', () => {
  it('takes the preferred port while it is free, and any other when it is not', async () => {
    const free = await listenLocally(server(), { preferred: 80 });
    expect(free).toBeGreaterThanOrEqual(1024);
    const other = await listenLocally(server(), { preferred: free });
    expect(other).not.toBe(free);
    await new Promise((resolve) => servers.shift()?.close(resolve));
    expect(await listenLocally(server(), { preferred: free })).toBe(free);
  });

  it('says that a chosen port is taken and names a free one', async () => {
    const taken = await listenLocally(server(), { preferred: 80 });
    const refusal = await listenLocally(server(), { wanted: taken, preferred: 80 }).catch(
      (failure: unknown) => failure,
    );
    expect(refusal).toMatchObject({ code: 'port-in-use', message: `Port ${taken} is used by another program.` });
    expect((refusal as { nextStep: string }).nextStep).toMatch(/^Port \d+ is free\.$/);
  });

  it('listens on this computer only', async () => {
    const one = server();
    await listenLocally(one, { preferred: 80 });
    expect(one.address()).toMatchObject({ address: '127.0.0.1' });
  });
});

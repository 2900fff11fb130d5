import { describe, expect, it } from 'vitest';
import { Scope } from './scope';

describe('Scope', () => {
  it('closes its members in reverse order, after aborting the signal', async () => {
    const scope = new Scope('test');
    const order: string[] = [];
    scope.signal.addEventListener('abort', () => order.push('abort'));
    scope.add(() => void order.push('first'));
    scope.add(async () => void order.push('second'));
    scope.add({ [Symbol.dispose]: () => void order.push('third') });
    await scope.close();
    expect(order).toEqual(['abort', 'third', 'second', 'first']);
  });

  it('closes children with it, and forgets a child that closed by itself', async () => {
    const parent = new Scope('parent');
    const early = parent.child('early');
    const late = parent.child('late');
    await early.close();
    expect(late.closed).toBe(false);
    await parent.close();
    expect(late.closed).toBe(true);
    expect(late.name).toBe('parent/late');
  });

  it('closes once, however often it is asked', async () => {
    const scope = new Scope('test');
    let closed = 0;
    scope.add(() => void closed++);
    await Promise.all([scope.close(), scope.close()]);
    expect(closed).toBe(1);
  });

  it('closes at once what is added after the end', async () => {
    const scope = new Scope('test');
    await scope.close();
    let closed = false;
    scope.add(() => void (closed = true));
    expect(closed).toBe(true);
  });

  it('closes the rest when one member fails, then reports every failure', async () => {
    const scope = new Scope('test');
    let closed = false;
    scope.add(() => void (closed = true));
    scope.add(() => Promise.reject(new Error('no')));
    await expect(scope.close()).rejects.toMatchObject({ errors: [new Error('no')] });
    expect(closed).toBe(true);
  });
});

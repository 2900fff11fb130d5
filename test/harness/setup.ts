import { afterEach, expect } from 'vitest';
import { Scope } from '#common/base/scope';

// A test that leaves a lifetime open fails: the next test would meet its timers and sockets.
afterEach(() => {
  const left = [...Scope.open].map((scope) => scope.name);
  Scope.open.clear();
  expect(left, 'scopes left open').toEqual([]);
});

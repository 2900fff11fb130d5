import { describe, expect, it } from 'vitest';
import { forwardTone, isPort, offeredPort, targetText } from './forward-words';

describe('offeredPort', () => {
  it.each([
    [{ code: 'port-in-use', nextStep: 'Use 8081 instead.' }, 8081],
    [{ code: 'port-in-use', nextStep: 'Port 8080 is taken by nginx; 8081 is free.' }, 8081],
    [{ code: 'port-in-use', nextStep: 'Choose another port.' }, undefined],
    [{ code: 'other', nextStep: 'Use 8081.' }, undefined],
  ])('%j offers %s', (problem, port) => {
    expect(offeredPort(problem)).toBe(port);
  });
});

it.each([
  [80, true],
  [0, false],
  [65_536, false],
  [1.5, false],
  ['80', false],
  [Number.NaN, false],
])('%s is a port: %s', (value, port) => {
  expect(isPort(value)).toBe(port);
});

it('names a target and the tone of its state', () => {
  expect(targetText({ kind: 'Service', name: 'web', port: 80 })).toBe('Service web:80');
  expect((['listening', 'waiting', 'failed'] as const).map((state) => forwardTone({ state }))).toEqual([
    'ok',
    'busy',
    'bad',
  ]);
});

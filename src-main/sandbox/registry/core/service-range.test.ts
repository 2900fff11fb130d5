import { describe, expect, it } from 'vitest';
import { DEFAULT_SERVICE_RANGE, ServiceRange } from './service-range';

describe('a range of Services', () => {
  it.each([
    ['10.96.0.0/16', 65_534, 256],
    ['10.0.0.0/24', 254, 16],
    ['192.168.1.0/28', 14, 16],
    ['10.0.0.0/20', 4094, 256],
  ])('%s has places up to %i, of which those below %i are for who asks', (text, last, reserved) => {
    const range = new ServiceRange(text);
    expect([range.last, range.reserved]).toEqual([last, reserved]);
  });

  it.each([
    ['10.96.0.0', 0],
    ['10.96.1.2', 258],
    ['10.96.255.255', 65_535],
    ['10.97.0.0', undefined],
    ['10.95.255.255', undefined],
    ['None', undefined],
    ['10.96.0.256', undefined],
  ])('finds the place of %s', (address, offset) => {
    expect(DEFAULT_SERVICE_RANGE.offsetOf(address)).toBe(offset);
    if (offset !== undefined) expect(DEFAULT_SERVICE_RANGE.addressAt(offset)).toBe(address);
  });
});

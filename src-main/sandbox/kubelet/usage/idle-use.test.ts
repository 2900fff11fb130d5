import { describe, expect, it } from 'vitest';
import { idleCpuMs, idleMemoryBytes, phaseOf } from './idle-use';

describe('what an idle container uses', () => {
  it('adds up: two halves are the whole', () => {
    const phase = phaseOf('a uid');
    const whole = idleCpuMs(20, phase, { fromMs: 1000, toMs: 61_000 });
    const halves = [
      { fromMs: 1000, toMs: 31_000 },
      { fromMs: 31_000, toMs: 61_000 },
    ].map((span) => idleCpuMs(20, phase, span));
    expect(halves[0]! + halves[1]!).toBeCloseTo(whole, 6);
  });

  it.each([0, 0.3, 0.7])('stays near its base, phase %d', (phase) => {
    for (let at = 0; at < 600_000; at += 15_000) {
      const used = idleCpuMs(100, phase, { fromMs: at, toMs: at + 15_000 });
      expect(used).toBeGreaterThan(1500 * 0.79);
      expect(used).toBeLessThan(1500 * 1.21);
      expect(idleMemoryBytes(50, phase, at) / 2 ** 20).toBeCloseTo(50, -0.5);
    }
  });

  it('uses nothing before it started', () => {
    expect(idleCpuMs(100, 0, { fromMs: 5000, toMs: 1000 })).toBe(0);
  });
});

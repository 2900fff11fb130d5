import { describe, expect, it } from 'vitest';
import { compiled } from './expressions';

describe('semver', () => {
  it.each([
    ['semver("1.2.3").major() == 1 && semver("1.2.3").minor() == 2 && semver("1.2.3").patch() == 3', true],
    ['semver("1.10.0").isGreaterThan(semver("1.9.9"))', true],
    ['semver("1.0.0-rc.1").isLessThan(semver("1.0.0"))', true],
    ['semver("1.0.0-alpha.2").isLessThan(semver("1.0.0-alpha.10"))', true],
    ['semver("1.0.0-1").isLessThan(semver("1.0.0-a"))', true],
    ['semver("1.0.0-a").compareTo(semver("1.0.0-a.b")) == -1', true],
    ['semver("1.0.0+x").compareTo(semver("1.0.0")) == 0', true],
    ['isSemver("1.0")', false],
    ['isSemver("01.0.0")', false],
    ['isSemver("v1.01", true) && semver("v1.01", true).minor() == 1', true],
    ['isSemver("1.0-rc1", true)', false],
  ])('%s is %s', (expression, answer) => {
    expect(compiled(expression)({})).toBe(answer);
  });
});

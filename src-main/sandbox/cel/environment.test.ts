import { describe, expect, it } from 'vitest';
import { celValue, problemText } from './environment';
import { compiled } from './expressions';
import { compileRule, evaluateRule } from './rules';

const ask = (expression: string, self: unknown = {}): unknown => {
  try {
    return compiled(expression)({ self: celValue(self) });
  } catch (problem) {
    return problemText(problem);
  }
};

describe('CEL as Kubernetes speaks it', () => {
  it.each<[expression: string, self: unknown, answer: unknown]>([
    ['self.replicas <= 5', { replicas: 3 }, true],
    ['self.?paused.orValue(false)', {}, false],
    ['quantity("1Gi").isGreaterThan(quantity(self))', '512Mi', true],
    ['quantity("1").add(quantity("500m")).compareTo(quantity("1500m"))', {}, 0n],
    ['isQuantity("ten")', {}, false],
    ['url(self).getHost()', 'https://example.com:8443/a?b=c', 'example.com:8443'],
    ['isURL("no url")', {}, false],
    ['cidr("10.0.0.0/8").containsIP("10.1.2.3")', {}, true],
    ['cidr("10.0.0.0/8").containsCIDR("10.1.0.0/7")', {}, false],
    ['ip("::1").family()', {}, 6n],
    ['self.sum()', [1, 2, 3], 6n],
    ['self.isSorted() && self.max() == 3 && self.indexOf(2) == 1', [1, 2, 3], true],
    ['sets.contains(self, ["a"]) && !sets.intersects(self, ["z"])', ['a', 'b'], true],
    ['self.find("[0-9]+")', 'a12b345', '12'],
    ['self.findAll("[0-9]+", 1)', 'a12b345', ['12']],
    ['"%s has %d of %.1f".format([self, 2, 1.25])', 'a', 'a has 2 of 1.3'],
    ['self.replace("a", "b").reverse().charAt(0)', 'xa', 'b'],
    ['self.matches(r"""^(?i)\\.?[a-z]+$""")', '.AbC', true],
    ['self.matches("b.d") && "has matches(" != self', 'abcde', true],
    ['self.matches("(?<x")', 'a', 'Invalid regular expression: (?<x'],
    ['self.missing', {}, 'no such key: missing'],
    ['has(self[0].matches) && !has(self[1].matches)', [{ matches: [] }, {}], true],
    ['self.all(rule, has(rule.matches[0].path.value))', [{ matches: [{ path: { value: '/' } }] }], true],
    ['has(self.a.b)', {}, 'no such key: a'],
    ['has(self.?a.b)', {}, false],
    ['has(self)', {}, 'invalid argument to has() macro'],
    ['"has(x)" == self', 'has(x)', true],
  ])('answers %s of %j', (expression, self, answer) => {
    expect(ask(expression, self)).toEqual(answer);
  });

  it('tells a rule that is none from one that does not hold', () => {
    expect(compileRule({ rule: 'self +' }, {})).toBe('Unexpected token: EOF');
    expect(compileRule({ rule: '1 + 1' }, {})).toBe('cel expression must evaluate to a bool');
    const rule = compileRule({ rule: 'self > 1', messageExpression: '"got " + string(self)' }, {});
    if (typeof rule === 'string') throw new Error(rule);
    const verdict = evaluateRule(rule, { self: 1, oldSelf: undefined, hasOptionalOldSelf: false });
    expect(verdict).toEqual({ holds: false, message: 'got 1' });
  });
});

import { describe, expect, it } from 'vitest';
import { compile } from './compile';
import { policyEnvironment } from './policy-types';

const environment = policyEnvironment({ params: false, authorizer: true });
const said = (expression: string): string => {
  const { type, problem = '' } = compile(expression, environment);
  return type ?? problem.replaceAll('ERROR: <input>:', '').replaceAll(/\n \| .*\n \| .*\^/g, '');
};

describe('compile', () => {
  it.each([
    ['object.spec.replicas <= 5', 'bool'],
    ['[1, 2]', 'list(int)'],
    ['{"a": null}', 'map(string, null_type)'],
    ['optional.of(1)', 'optional_type(int)'],
    ['request.userInfo', 'kubernetes.UserInfo'],
    ['[JSONPatch{op: "add", path: "/a", value: 1}]', 'list(JSONPatch)'],
    ['Object{metadata: Object.metadata{labels: {"a": "b"}}}', 'Object'],
    ['true ? Object{} : Object{a: 1}', 'Object'],
  ])('%s is %s', (expression, type) => {
    expect(said(expression)).toBe(type);
  });

  it.each([
    [
      'nobody && nothing',
      "1:1: undeclared reference to 'nobody' (in container '')\n1:11: undeclared reference to 'nothing' (in container '')",
    ],
    ['has(object.a) && nobody', "1:18: undeclared reference to 'nobody' (in container '')"],
    ['Object{a: nobody}', "1:11: undeclared reference to 'nobody' (in container '')"],
    ['object.name.shout()', "1:18: undeclared reference to 'shout' (in container '')"],
    ['request . nothing', "1:9: undefined field 'nothing'"],
    ['"a".startsWith(1)', "1:15: found no matching overload for 'startsWith' applied to 'string.(int)'"],
    ['1 == 1.5', "1:3: found no matching overload for '_==_' applied to '(int, double)'"],
    ['[1, "a"]', "1:5: expected type 'int' but found 'string'"],
    [
      '1 +',
      "1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    ],
    ['(true', "1:6: Syntax error: missing ')' at '<EOF>'"],
    ['true false', "1:6: Syntax error: extraneous input 'false' expecting <EOF>"],
    ['"a".matches("[")', '1:13: invalid matches argument'],
    ['[JSONPatch{op: 1}]', "1:14: expected type of field 'op' is 'string' but provided type is 'int'"],
  ])('%s: %s', (expression, problem) => {
    expect(said(expression)).toBe(problem);
  });

  it('shows the line and the letter', () => {
    expect(compile('true &&\n  nobody', environment).problem).toBe(
      "ERROR: <input>:2:3: undeclared reference to 'nobody' (in container '')\n |   nobody\n | ..^",
    );
  });
});

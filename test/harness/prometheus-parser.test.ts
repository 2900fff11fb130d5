import { expect, it } from 'vitest';
import { parsePrometheus } from './prometheus-parser';

const head = '# HELP a A.\n# TYPE a counter\n';

it.each([
  [`${head}a 1`, 'the last line has no end'],
  ['a 1\n', 'a sample before its type'],
  ['# TYPE a counter\na 1\n', 'a type without its help'],
  [`${head}a 1\n${head}a 2\n`, 'a family twice'],
  [`${head}a 1\na 2\n`, 'a sample twice'],
  [`${head}b 1\n`, 'a sample that is not of a'],
  [`${head}a{b="\\x"} 1\n`, 'wrong labels'],
  [`${head}a{b="c} 1\n`, 'wrong labels'],
  [`${head}a one\n`, 'no number'],
  [`${head}a_bucket{le="1"} 1\n`, 'a sample that is not of a'],
  [head, 'a has no samples'],
])('refuses %j: %s', (text, why) => expect(() => parsePrometheus(text)).toThrow(why));

it('reads families with their samples', () => {
  const [[name, family]] = [...parsePrometheus(`${head}a{b="c\\"d"} 1.5e+06\na{b="e"} +Inf 1700\n`)] as [
    [string, object],
  ];
  expect([name, family]).toEqual([
    'a',
    {
      type: 'counter',
      help: 'A.',
      samples: new Map([
        ['a{b="c\\"d"}', 1_500_000],
        ['a{b="e"}', Infinity],
      ]),
    },
  ]);
});

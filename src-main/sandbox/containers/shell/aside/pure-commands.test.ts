import { describe, expect, it } from 'vitest';
import { fileWords, placeOf, type Stage } from './pure-commands';

const stages = (...lines: string[][]): Stage[] => lines.map((words) => ({ words }));

describe('the place of a pipeline', () => {
  it.each([
    { case: 'a little text', bytes: 100, words: [['cat'], ['sort'], ['uniq', '-c']], place: 'here' },
    { case: 'much text', bytes: 5000, words: [['cat'], ['sort']], place: 'aside' },
    { case: 'more text for a command that reads it once', bytes: 5000, words: [['md5sum']], place: 'here' },
    { case: 'a packed file', bytes: 5000, words: [['zcat', 'a.gz']], place: 'aside' },
    {
      case: 'few numbers',
      bytes: 0,
      words: [
        ['seq', '1', '100'],
        ['tail', '-1'],
      ],
      place: 'here',
    },
    { case: 'many numbers', bytes: 0, words: [['seq', '3000000']], place: 'aside' },
    { case: 'many numbers in large steps', bytes: 0, words: [['seq', '0', '100000', '3000000']], place: 'here' },
    { case: 'a wide field', bytes: 0, words: [['printf', '%5000000s', 'x']], place: 'aside' },
    { case: 'a field of awk', bytes: 100, words: [['awk', '{print $1}']], place: 'here' },
    { case: 'a loop of awk', bytes: 0, words: [['awk', 'BEGIN{for(i=0;i<1e8;i++)x+=i}']], place: 'aside' },
    { case: 'the keys of an array in awk', bytes: 9, words: [['awk', 'END{for (k in a) print k}']], place: 'here' },
    { case: 'a substitution of sed', bytes: 100, words: [['sed', '-e', 's/a:b/c/']], place: 'here' },
    { case: 'a jump of sed', bytes: 0, words: [['sed', ':a;ba']], place: 'aside' },
    { case: 'a generator of jq', bytes: 0, words: [['jq', '-n', '[range(1e9)]']], place: 'aside' },
    { case: 'a path of jq', bytes: 100, words: [['jq', '.items[0]']], place: 'here' },
  ])('of $case is $place', ({ bytes, words, place }) => {
    expect(placeOf(stages(...words), bytes)).toBe(place);
  });

  it('counts every word that may name a file', () => {
    expect(fileWords(stages(['grep', '-r', 'x', '/etc'], ['sort', '-n']))).toEqual(['x', '/etc']);
    expect(fileWords(stages(['seq', '1', '3']))).toEqual([]);
  });
});

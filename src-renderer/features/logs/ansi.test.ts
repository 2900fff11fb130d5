import { describe, expect, it } from 'vitest';
import { parseAnsi, plainText } from './ansi';

const ESC = '\u001b';

describe('parseAnsi', () => {
  it.each([
    { case: 'nothing', line: '', runs: [] },
    { case: 'plain text', line: 'a\tb', runs: [{ text: 'a\tb' }] },
    {
      case: 'a named colour and its end',
      line: `${ESC}[31mred${ESC}[0m plain`,
      runs: [{ text: 'red', style: { foreground: 1 } }, { text: ' plain' }],
    },
    {
      case: 'bright colours on a background',
      line: `${ESC}[1;93;41mx`,
      runs: [{ text: 'x', style: { bold: true, foreground: 11, background: 1 } }],
    },
    {
      case: 'an empty parameter as a reset',
      line: `${ESC}[1mb${ESC}[mn`,
      runs: [{ text: 'b', style: { bold: true } }, { text: 'n' }],
    },
    {
      case: 'the 256 colours',
      line: `${ESC}[38;5;196ma${ESC}[48;5;244mb`,
      runs: [
        { text: 'a', style: { foreground: 'rgb(255 0 0)' } },
        { text: 'b', style: { foreground: 'rgb(255 0 0)', background: 'rgb(128 128 128)' } },
      ],
    },
    {
      case: '24 bit colours with semicolons and with colons',
      line: `${ESC}[38;2;1;2;3;4ma${ESC}[0;38:2::9:8:7mb`,
      runs: [
        { text: 'a', style: { foreground: 'rgb(1 2 3)', underline: true } },
        { text: 'b', style: { foreground: 'rgb(9 8 7)' } },
      ],
    },
    {
      case: 'only what is turned off ends',
      line: `${ESC}[1;2;3;32mx${ESC}[22;39my`,
      runs: [
        { text: 'x', style: { bold: true, dim: true, italic: true, foreground: 2 } },
        { text: 'y', style: { italic: true } },
      ],
    },
  ])('reads $case', ({ line, runs }) => {
    expect(parseAnsi(line)).toEqual(runs);
  });

  it.each([
    { case: 'cursor movement and erasing', line: `a${ESC}[2J${ESC}[10;20Hb` },
    { case: 'a title with BEL', line: `a${ESC}]0;owned\u0007b` },
    { case: 'the clipboard with ST', line: `a${ESC}]52;c;ZWNobw==${ESC}\\b` },
    { case: 'a hyperlink', line: `${ESC}]8;;http://x\u0007ab${ESC}]8;;\u0007` },
    { case: 'device strings', line: `a${ESC}P1$r${ESC}\\${ESC}_x${ESC}\\b` },
    { case: 'eight bit forms', line: 'a\u009d0;t\u009cb\u009b31m' },
    { case: 'single controls', line: '\u0007a\r\b\u000b\u007fb' },
    { case: 'an unfinished sequence at the end', line: `ab${ESC}[3` },
    { case: 'an unfinished string at the end', line: `ab${ESC}]52;c;` },
    { case: 'a lone escape', line: `ab${ESC}` },
    { case: 'a reset of the terminal', line: `${ESC}cab` },
  ])('drops $case', ({ line }) => {
    expect(plainText(line)).toBe('ab');
  });
});

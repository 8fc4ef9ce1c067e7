import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { table } from '../../../cli/terminal/table.ts';
import type { Output } from '../../../cli/terminal/terminal.ts';

const wide = (columns?: number) => Object.assign(new PassThrough(), columns === undefined ? {} : { columns });

test('columns are as wide as what stands in them', () => {
  expect(
    table(
      wide(),
      ['a', 'longer'],
      [
        ['one', 'x'],
        ['t', 'y'],
      ],
    ),
  ).toBe('a    longer\none  x\nt    y');
});

test('a narrow terminal gets every word whole, and no line longer than these take', () => {
  const cell = fc.stringMatching(/^[a-z]{1,12}( [a-z]{1,12}){0,3}$/);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 3 }),
      (columns, rows) => {
        const text = table(wide(columns), ['A', 'B', 'C'], rows);
        const words = (value: string) =>
          value
            .split(/\s+/)
            .filter((word) => /^[a-z]/.test(word))
            .sort();
        expect(words(text)).toEqual(words(rows.flat().join(' ')));
        const least = [0, 1, 2].map((column) =>
          Math.max(...rows.flatMap((row) => words(row[column] ?? '').map((word) => word.length))),
        );
        const needed = least.reduce((sum, width) => sum + width, 2);
        expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(Math.max(columns, needed));
      },
    ),
  );
});

describe('columns that can be done without', () => {
  const head = ['one', 'two', 'three'];
  const rows = [['aaaaa bbbb', 'cccccccc', 'dddddddd']];
  test.each([
    [28, 'one        two      three\naaaaa bbbb cccccccc dddddddd'],
    [27, 'one         three\naaaaa bbbb  dddddddd'],
    [18, 'three\ndddddddd'],
    [4, 'three\ndddddddd'],
  ])('are left out in their order at %i', (columns, expected) => {
    expect(table(wide(columns), head, rows, ['two', 'one'])).toBe(expected);
  });
});

test('a terminal that does not know its width is taken for 80 columns, a pipe for endless', () => {
  const rows = [[`${'word '.repeat(30)}end`]];
  const longest = (output: Output) =>
    Math.max(
      ...table(output, ['a'], rows)
        .split('\n')
        .map((line) => line.length),
    );
  vi.stubEnv('COLUMNS', undefined);
  expect(longest(Object.assign(wide(0), { isTTY: true }))).toBeLessThanOrEqual(80);
  expect(longest(Object.assign(wide(0), { isTTY: true }))).toBeGreaterThan(70);
  expect(longest(wide())).toBe(153);
  vi.stubEnv('COLUMNS', '40');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(longest(Object.assign(wide(0), { isTTY: true }))).toBeLessThanOrEqual(40);
});

test('what somebody else chose does not steer the terminal', () => {
  expect(table(wide(), ['a'], [['\u001b[2J\u202e\u200b']])).toBe('a\n\\u001b[2J\\u202e\\u200b');
});

test('colours change nothing but the colour', () => {
  const script = `
    import { table } from './cli/terminal/table.ts';
    const text = table({ isTTY: true, columns: 24 }, ['a head', 'another'], [['one', 'a long text that has to wrap']]);
    process.stdout.write(text);`;
  const run = (colour: '0' | '1') =>
    spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, FORCE_COLOR: colour, NO_COLOR: colour === '1' ? '' : '1' },
    }).stdout;
  const coloured = run('1');
  expect(coloured).not.toBe(run('0'));
  expect(stripVTControlCharacters(coloured).replace(/ +$/gm, '')).toBe(run('0'));
});

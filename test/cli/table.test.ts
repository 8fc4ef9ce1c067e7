import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { table } from '../../cli/table.ts';

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

test('a narrow terminal gets all of it, and no line is too long', () => {
  const cell = fc.stringMatching(/^[a-z]{1,30}$/);
  fc.assert(
    fc.property(
      fc.integer({ min: 12, max: 100 }),
      fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 3 }),
      (columns, rows) => {
        const text = table(wide(columns), ['A', 'B', 'C'], rows);
        expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
        const letters = (value: string) => [...value.replace(/[^a-z]/g, '')].sort().join('');
        expect(letters(text)).toBe(letters(rows.flat().join('')));
      },
    ),
  );
});

test('colours change nothing but the colour', () => {
  const script = `
    import { table } from './cli/table.ts';
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

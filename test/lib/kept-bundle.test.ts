import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptBundle } from '../../lib/kept-bundle.ts';

let folder: string;
let made: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kept-'));
  made = 0;
  for (const name of ['input', 'other', 'lock']) writeFileSync(join(folder, name), name);
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const bundle = (file = at('cache/bundle.json'), root = folder): string =>
  Buffer.from(
    keptBundle(root, file, ['lock'], () => {
      made += 1;
      return { contents: Buffer.from(`bundle ${made}`), inputs: ['input', 'other'] };
    }),
  ).toString();

test('is made once', () => {
  expect(bundle()).toBe('bundle 1');
  expect(bundle()).toBe('bundle 1');
  expect(readdirSync(at('cache'))).toEqual(['bundle.json']);
});

test.each(['input', 'other', 'lock'])('is made anew once %s is another one, and kept again', (name) => {
  bundle();
  writeFileSync(at(name), 'changed');
  expect(bundle()).toBe('bundle 2');
  expect(bundle()).toBe('bundle 2');
});

test('is made anew when what moved from one file to the next is all the same', () => {
  bundle();
  writeFileSync(at('input'), 'inputot');
  writeFileSync(at('other'), 'her');
  expect(bundle()).toBe('bundle 2');
});

test('is the same in another place', () => {
  bundle();
  const copy = at('copy');
  mkdirSync(copy);
  for (const name of ['input', 'other', 'lock']) cpSync(at(name), join(copy, name));
  expect(bundle(at('cache/bundle.json'), copy)).toBe('bundle 1');
  writeFileSync(join(copy, 'input'), 'changed');
  expect(bundle(at('cache/bundle.json'), copy)).toBe('bundle 2');
});

test('is made anew when an input is gone', () => {
  bundle();
  rmSync(at('other'));
  expect(bundle()).toBe('bundle 2');
});

test('is made anew when what is kept is no bundle', () => {
  bundle();
  writeFileSync(at('cache/bundle.json'), '{"inputs":');
  expect(bundle()).toBe('bundle 2');
  expect(bundle()).toBe('bundle 2');
});

test('is made each time where none can be kept', () => {
  expect(bundle(at('input/bundle.json'))).toBe('bundle 1');
  expect(bundle(at('input/bundle.json'))).toBe('bundle 2');
});

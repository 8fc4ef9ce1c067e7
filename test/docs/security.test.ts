import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = readFileSync('SECURITY.md', 'utf8');
const links = Array.from(page.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g), ([, text = '', path = '']) => ({ text, path }));

test('SECURITY.md names files that exist', () => {
  expect(links.filter(({ path }) => !existsSync(path))).toEqual([]);
});

test('SECURITY.md names tests by titles that they have', () => {
  const tests = links.filter(({ path }) => path.endsWith('.test.ts'));
  expect(tests.length).toBeGreaterThan(20);
  expect(tests.filter(({ text, path }) => !readFileSync(path, 'utf8').includes(text))).toEqual([]);
});

test('every threat has something that shows what stops it', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (what|-)/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) expect(row.split('|')[3]).toMatch(/\[.+\]\(.+\)/);
});

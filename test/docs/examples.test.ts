import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { fleetFileSchema } from '../../lib/fleet/schema.ts';

const PAGES = ['README.md', ...readdirSync('docs').map((name) => join('docs', name))].filter((page) =>
  page.endsWith('.md'),
);

/** The examples of YAML on a page that are fleet files. */
const fleetFilesOf = (page: string): string[] =>
  Array.from(readFileSync(page, 'utf8').matchAll(/^```yaml\n([^]*?)^```$/gm), ([, example = '']) => example).filter(
    (example) => example.includes('devices:'),
  );

test.each(PAGES.filter((page) => fleetFilesOf(page).length > 0))('the fleet files that %s shows are some', (page) => {
  for (const example of fleetFilesOf(page)) {
    const whole = example.replaceAll(/([0-9a-f]+)…/g, (_, start: string) => start.padEnd(64, '0')); // ids are cut short
    const { success, error } = fleetFileSchema.safeParse(parse(whole));
    expect(success, `${example}\n${error?.message}`).toBe(true);
  }
});

test('there are examples to check', () => {
  expect(fleetFilesOf('README.md')).toHaveLength(1);
});

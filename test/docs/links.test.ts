import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const PAGES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n');

/** Without code, in which nothing is a link or a heading. */
const textOf = (page: string): string =>
  readFileSync(page, 'utf8').replaceAll(/^```[^]*?^```$|`[^`\n]*`/gm, (code) => code.replaceAll(/[^\w\s-]/g, ''));

/** As GitHub makes it of a heading: lower case, blanks to hyphens, no punctuation. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (page: string): string[] =>
  Array.from(textOf(page).matchAll(/^#+ (.+)$/gm), ([, heading = '']) => anchorOf(heading));

/** Why a link of a page leads nowhere. */
function whatIsWrong(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(target)) return `there is no ${target}`;
  if (anchor !== undefined && !anchorsOf(target).includes(anchor)) return `${target} has no heading for #${anchor}`;
  return undefined;
}

test('there are pages to look at', () => {
  expect(PAGES).toEqual(
    expect.arrayContaining(['README.md', 'docs/questions.md', 'docs/operating.md', 'CHANGELOG.md']),
  );
});

test.each(PAGES)('every link of %s leads to a file, and to a heading that it has', (page) => {
  const links = Array.from(textOf(page).matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link);
  const ours = links.filter((link) => !/^https?:/.test(link));
  expect(ours.map((link) => whatIsWrong(page, link)).filter((wrong) => wrong !== undefined)).toEqual([]);
});

test('a link that leads nowhere is found', () => {
  expect(whatIsWrong('README.md', 'docs/none.md')).toBe('there is no docs/none.md');
  expect(whatIsWrong('docs/questions.md', '../README.md#no-such')).toBe('README.md has no heading for #no-such');
  expect(whatIsWrong('README.md', '#a-devices-life')).toBeUndefined();
});

test('the README stays a page that one reads', () => {
  expect(readFileSync('README.md', 'utf8').split('\n').length).toBeLessThanOrEqual(200);
});

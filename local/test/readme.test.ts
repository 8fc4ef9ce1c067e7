import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import { READINGS } from '../src/readings.ts';

const README = fileURLToPath(new URL('../README.md', import.meta.url));

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');

/** What stands between `<!-- NAME -->` and `<!-- /NAME -->`. */
const SECTIONS: Readonly<Record<string, string>> = {
  readings: table(
    ['`--reading`', 'what is open', 'what the documents say'],
    Object.entries(READINGS).map(([name, { values, question, source }]) => [
      values.map((value) => `\`${name}=${value}\``).join(' '),
      question,
      source,
    ]),
  ),
};

it('has the tables of the code; `npx vitest run local/test/readme.test.ts --update` writes them', async () => {
  let text = readFileSync(README, 'utf8');
  for (const [name, section] of Object.entries(SECTIONS)) {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [before, rest] = text.split(begin);
    const after = rest?.split(end)[1];
    expect(after, `${begin} … ${end}`).toBeDefined();
    text = `${before}${begin}\n\n${section}\n\n${end}${after}`;
  }
  await expect(await format(text, { parser: 'markdown', printWidth: 120 })).toMatchFileSnapshot(README);
});

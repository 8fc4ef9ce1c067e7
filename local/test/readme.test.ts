import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import { LAGS, LAMBDA_CONCURRENCY, LIMITS, type Lag, type Limit, RATES, type Sourced } from '../src/pace/limits.ts';
import { READINGS } from '../src/readings.ts';

const README = fileURLToPath(new URL('../README.md', import.meta.url));

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

const source = ({ documented, source: text }: Sourced): string =>
  `${documented ? 'Documented' : 'Not documented'}. ${text}`;

const seconds = (value: number | readonly number[]): string =>
  typeof value === 'number' ? `${value} s` : `after ${value.join(', ')} s`;

/** What stands between `<!-- NAME -->` and `<!-- /NAME -->`. */
const SECTIONS: Readonly<Record<string, string>> = {
  readings: list(
    Object.entries(READINGS).map(
      ([name, { values, question, source: text }]) =>
        `${values.map((value) => `\`${name}=${value}\``).join(' or ')}: ${question}. ${text}`,
    ),
  ),
  rates: list(
    RATES.map((rate) => {
      const { service, operations, perSecond, burst, shared } = rate;
      const names = operations.map((operation) => `\`${operation}\``).join(', ');
      return `${service} ${names}: **${perSecond} a second**${shared ? ' together' : ''}, ${burst} at once. ${source(rate)}`;
    }),
  ),
  lags: list(
    Object.values<Lag>(LAGS).map((lag) => {
      const quick = lag.quick === undefined ? '' : ` (quick: ${seconds(lag.quick)})`;
      return `**${seconds(lag.seconds)}**${quick}: ${lag.what}. ${source(lag)}`;
    }),
  ),
  limits: list(
    [LAMBDA_CONCURRENCY, ...Object.values<Limit>(LIMITS)].map(
      (limit) => `**${limit.most.toLocaleString('en')}**: ${limit.what}. ${source(limit)}`,
    ),
  ),
};

it('has the lists of the code; `npx vitest run local/test/readme.test.ts --update` writes them', async () => {
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

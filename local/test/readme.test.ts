import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { expect, it, onTestFinished } from 'vitest';
import { memoryLog, startCloud } from '../src/cloud.ts';
import { PROVIDERS } from '../src/cloudformation/resources/providers.ts';
import { ACTIONS } from '../src/iot/rules/actions.ts';
import { LAGS, LAMBDA_CONCURRENCY, LIMITS, type Lag, type Limit, RATES, type Sourced } from '../src/pace/limits.ts';
import { READINGS } from '../src/readings.ts';
import type { Service } from '../src/service.ts';

const README = fileURLToPath(new URL('../README.md', import.meta.url));

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

const source = ({ documented, source: text }: Sourced): string =>
  `${documented ? 'Documented' : 'Not documented'}. ${text}`;

const seconds = (value: number | readonly number[]): string =>
  typeof value === 'number' ? `${value} s` : `after ${value.join(', ')} s`;

/** Of each service, the operations that are served, those that refuse some members by name, and how many others there are. */
function coverage(services: readonly Service[]): string {
  const code = (name: string, others = ''): string => `\`${name}\`${others}`;
  const rows = services
    .map(({ name, model, operations }) => {
      const served = Object.entries(operations).sort(([a], [b]) => (a < b ? -1 : 1));
      const refusedBy = (operation: string, takes: readonly string[] | undefined): string[] => {
        const input = model.operations.get(operation)?.input;
        if (takes === undefined || !input?.isStructSchema()) return [];
        return [...input.structIterator()].map(([member]) => member).filter((member) => !takes.includes(member));
      };
      const all = served.map(([operation, served]) => ({ operation, refused: refusedBy(operation, served?.takes) }));
      const [whole, parts] = [
        all.filter(({ refused }) => refused.length === 0),
        all.filter(({ refused }) => refused.length > 0),
      ];
      const others = [...model.operations.keys()].filter((each) => !Object.hasOwn(operations, each)).length;
      const without = (refused: readonly string[]): string =>
        ` (without ${refused.length > 4 ? `${refused.length} members` : refused.map((each) => code(each)).join(', ')})`;
      return [
        [`**${name}**`, [...whole.map(({ operation }) => code(operation))].join(', ')],
        ['in part', parts.map(({ operation, refused }) => code(operation, without(refused))).join(', ')],
        ['refused', `${others} others`],
      ].filter(([, cell]) => cell !== '');
    })
    .sort(([[a = ''] = []], [[b = ''] = []]) => (a < b ? -1 : 1));
  return list(rows.map((row) => row.map(([what, cell]) => `${what}: ${cell}`).join('; ')));
}

/** What stands between `<!-- NAME -->` and `<!-- /NAME -->`. */
const sections = (services: readonly Service[]): Readonly<Record<string, string>> => ({
  coverage: coverage(services),
  types: Object.keys(PROVIDERS)
    .sort()
    .map((type) => `\`${type}\``)
    .join(', '),
  actions: Object.keys(ACTIONS)
    .map((action) => `\`${action}\``)
    .join(', '),
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
});

it('has the lists of the code; `npx vitest run local/test/readme.test.ts --update` writes them', async () => {
  const cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog() });
  onTestFinished(() => cloud.close());
  let text = readFileSync(README, 'utf8');
  for (const [name, section] of Object.entries(sections(cloud.services))) {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [before, rest] = text.split(begin);
    const after = rest?.split(end)[1];
    expect(after, `${begin} … ${end}`).toBeDefined();
    text = `${before}${begin}\n\n${section}\n\n${end}${after}`;
  }
  await expect(await format(text, { parser: 'markdown', printWidth: 120 })).toMatchFileSnapshot(README);
});

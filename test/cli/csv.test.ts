import { expect, test } from 'vitest';
import { csvLines } from '../../cli/csv.ts';
import { row } from './time-series-table.ts';

async function* pages<Item>(...items: Item[]) {
  yield* items;
}

test('a field that comes up after the first page is said, after everything else was written', async () => {
  const lines: string[] = [];
  const read = async () => {
    const [first, second] = [row('a', 1, { t: { N: '1' } }), row('a', 2, { t: { N: '2' }, late: { N: '3' } })];
    for await (const line of csvLines(pages([], [first], [second]), undefined)) lines.push(line);
  };
  await expect(read()).rejects.toThrow(
    'left out are fields that came up late (late); name all that you want: --field ...',
  );
  expect(lines).toEqual(['received,device,full_topic,t', '1,a,rtjm/a/telemetry,1', '2,a,rtjm/a/telemetry,2']);
});

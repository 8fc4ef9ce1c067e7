import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { createInterface } from 'node:readline';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { follow } from '../../../cli/rows/follow.ts';
import { fleet } from '../../../cli/program.ts';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { nothingDeployed, telemetryDeployed } from '../deployed.ts';
import { runFleet } from '../run-fleet.ts';
import { row, timeSeriesTable } from '../time-series-table.ts';

let table: Awaited<ReturnType<typeof timeSeriesTable>>;
beforeAll(async () => {
  table = await timeSeriesTable();
});
beforeEach(() => {
  nothingDeployed();
  telemetryDeployed();
});

describe('follow', () => {
  /** Takes batches one by one; each waits for the next poll that finds something. */
  function following(devices: string[], since: number) {
    const stop = new AbortController();
    const batches = follow({ table: 'time-series', readsAges: true }, devices, since, stop.signal);
    return {
      next: async () => {
        const batch = await batches.next();
        return batch.done ? undefined : batch.value.map(({ arrival }) => arrival?.S);
      },
      stop: () => stop.abort(),
    };
  }

  test('gives out each row once, in the order of arrival over all devices', async () => {
    await table.put(row('a', 1_700_000_000_000, {}), row('b', 1_700_000_000_001, {}), row('a', 1_700_000_000_002, {}));
    const { next, stop } = following(['a', 'b'], 1_700_000_000_000);
    expect(await next()).toEqual(['1700000000000#0', '1700000000001#0', '1700000000002#0']);

    await table.put(row('b', 1_700_000_000_003, {}));
    expect(await next()).toEqual(['1700000000003#0']);
    stop();
  });

  test('finds what lands late, and what shares a millisecond with a row that it has given out', async () => {
    await table.put(row('c', 1_700_000_009_000, {}, 'm'));
    const { next, stop } = following(['c'], 1_700_000_000_000);
    await next();
    await table.put(row('c', 1_700_000_009_000, {}, 'a'), row('c', 1_700_000_001_000, {}, 'late'));
    expect(await next()).toEqual(['1700000001000#late', '1700000009000#a']);
    stop();
  });

  test('leaves out what arrived before, and ends when it is told to', async () => {
    await table.put(row('d', 1_700_000_000_000, {}), row('d', 1_700_000_000_010, {}));
    const { next, stop } = following(['d'], 1_700_000_000_005);
    expect(await next()).toEqual(['1700000000010#0']);
    stop();
    expect(await next()).toBeUndefined();
  });
});

test('prints rows until Ctrl-C, and then all is well', async () => {
  // Kept whole by the rule, as with basic ingest.
  const raw = { S: Buffer.from('\t{"temperature":21.5}\n').toString('base64') };
  await table.put(row('kitchen', Date.now() - 1_000, { raw }));
  const folder = temporaryFleet({ 'home.yaml': 'devices:\n  kitchen: { board: esp32 }\n  garage: { board: esp32 }\n' });
  const stdout = new PassThrough();
  const running = fleet(['tail', '--since', '1m', '--json', '--fleet', folder], {
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
  });
  const lines = createInterface(stdout);
  const [line] = (await once(lines, 'line', { signal: AbortSignal.timeout(30_000) })) as [string];
  expect(JSON.parse(line)).toMatchObject({ device: 'kitchen', temperature: 21.5 });

  process.emit('SIGINT');
  expect(await running).toBe(0);
});

test('of several devices; a person is told that it waits, and what it waits for in vain', async () => {
  const folder = temporaryFleet({
    'home.yaml': 'devices:\n  kitchen: { board: esp32 }\n  gone: { board: esp32, revoked: true }\n',
  });
  const stderr = Object.assign(new PassThrough(), { isTTY: true });
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const running = fleet(['tail', 'kitchen', 'gone', '--fleet', folder], { stdin, stdout, stderr });
  const lines = createInterface(stderr)[Symbol.asyncIterator]();
  const line = async () => stripVTControlCharacters(((await lines.next()) as { value: string }).value);
  expect(await line()).toMatch(/^! gone is revoked/);
  let said = await line();
  while (!said.endsWith('.')) said = await line(); // in as many lines as the name of the folder makes them
  expect(said).toBe('Waiting for messages; Ctrl-C ends it.');
  process.emit('SIGINT');
  expect(await running).toBe(0);
});

test('no device steers the terminal', async () => {
  await table.put(row('kitchen', Date.now() - 500, { 'a\u202e': { S: '\u200b\u001b[2J' } }, 'hidden'));
  const folder = temporaryFleet({ 'home.yaml': 'devices:\n  kitchen: { board: esp32 }\n' });
  const stdout = new PassThrough();
  const [stdin, stderr] = [new PassThrough(), new PassThrough()];
  const running = fleet(['tail', '--since', '1m', '--fleet', folder], { stdin, stdout, stderr });
  const lines = createInterface(stdout)[Symbol.asyncIterator]();
  let line = '';
  while (!line.includes('2J')) ({ value: line } = (await lines.next()) as { value: string });
  expect(line).toMatch(/ {2}a\\u202e="\\u200b\\u001b\[2J"$/);
  process.emit('SIGINT');
  expect(await running).toBe(0);
});

test.each([
  [['tail', 'kichen'], /^fleet: no device "kichen" in .*; there is: kitchen\n$/],
  [['tail', '--since', 'x'], /^fleet: option '--since <time>' argument 'x' is invalid\. Allowed: .*\n$/],
])('%j is refused', async (argv, message) => {
  const folder = temporaryFleet({ 'home.yaml': 'devices:\n  kitchen: { board: esp32 }\n' });
  const { code, stderr } = await runFleet([...argv, '--fleet', folder]);
  expect(stderr).toMatch(message);
  expect(code).toBe(1);
});

import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, type QueryCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { cloudFormation, nothingDeployed, telemetryDeployed } from '../deployed.ts';
import { runFleet } from '../run-fleet.ts';
import { row, timeSeriesTable } from '../time-series-table.ts';

const NOW = Date.now();
const LONG_AGO = Date.parse('2001-02-03T04:05:06Z');

let table: Awaited<ReturnType<typeof timeSeriesTable>>;
beforeAll(async () => {
  table = await timeSeriesTable();
  const temperature = (degrees: number) => ({ temperature: { N: String(degrees) } });
  await table.put(
    row('kitchen', NOW - 20_000, temperature(20)),
    row('kitchen', NOW - 10_000, temperature(21), 'a'),
    row('garage-door', LONG_AGO, { open: { BOOL: true }, '\u001b[2J': { S: '\u202e' } }),
    row('basic', NOW - 600_000, { raw: { S: Buffer.from('{"t":1.50}').toString('base64') } }),
    row('gone', NOW, temperature(5)),
  );
});
beforeEach(() => {
  nothingDeployed();
  telemetryDeployed();
});

function latest(...argv: string[]) {
  const names = ['kitchen', 'garage-door', 'silent', 'basic'];
  const yaml = `devices:\n${names.map((name) => `  ${name}: { board: esp32 }\n`).join('')}`;
  return runFleet(['latest', ...argv, '--fleet', temporaryFleet({ 'home.yaml': yaml })]);
}

test('the newest message of every device, in the order of the fleet', async () => {
  const { code, stdout, stderr } = await latest();
  expect(stderr).toBe('');
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^kitchen {6} +1\d s ago {2}temperature=21$/);
  expect(lines[1]).toMatch(/^garage-door +\d+ d ago {2}\\u001b\[2J="\\u202e" open=true$/);
  expect(lines[2]).toMatch(/^silent +never$/);
  expect(lines[3]).toMatch(/^basic +10 min ago {2}t=1\.50$/);
  expect(lines).toHaveLength(4);
  expect(code).toBe(0);
});

test('a reading that came late is as old as it is', async () => {
  const late = row('silent-board', NOW - 1_000, { temperature: { N: '4' }, age: { N: '3000000' } });
  await table.put({ ...late, measured: { N: String(NOW - 3_001_000) } });
  const yaml = 'devices: { silent-board: { board: esp32 } }';
  const { stdout } = await runFleet(['latest', '--fleet', temporaryFleet({ 'home.yaml': yaml })]);
  expect(stdout).toMatch(/^silent-board +50 min ago {2}temperature=4\n$/);
});

test('--json is a line a device, those without a message among them', async () => {
  const lines = (await latest('silent', 'garage-door', '--json')).stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    { received: null, device: 'silent' },
    expect.objectContaining({ received: LONG_AGO, device: 'garage-door', open: true }),
  ]);
});

test('reads a row a device, by key alone', async () => {
  const send = vi.spyOn(DynamoDBClient.prototype, 'send');
  await latest();
  const inputs = send.mock.calls.map(([command]) => (command as QueryCommand).input);
  send.mockRestore();
  expect(inputs).toHaveLength(4);
  for (const input of inputs) expect(input).toMatchObject({ Limit: 1, ScanIndexForward: false });
});

test('a device that is not in the fleet is a slip', async () => {
  const { code, stderr } = await latest('kichen');
  expect(stderr).toMatch(/^fleet: no device "kichen" in .*; there is: kitchen, garage-door, silent, basic\n$/);
  expect(code).toBe(1);
});

test('where AWS does not allow to read it, it is unknown, and the action is named', async () => {
  const denied = Object.assign(new Error('not authorized to perform: cloudformation:DescribeStacks on x'), {
    name: 'AccessDenied',
  });
  cloudFormation.on(DescribeStacksCommand).rejects(denied);
  const { code, stdout, stderr } = await latest('kitchen', 'silent');
  expect(stdout).toMatch(/^kitchen +unknown\nsilent +unknown\n$/);
  expect(stderr).toBe('! not known: what devices sent; AWS does not allow this user cloudformation:DescribeStacks\n');
  expect(code).toBe(0);
  const json = await latest('kitchen', '--json');
  expect(JSON.parse(json.stdout)).toEqual({ received: null, device: 'kitchen', unknown: true });
});

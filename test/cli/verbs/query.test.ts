import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { formatMillisecond } from '../../../cli/terminal/time.ts';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { nothingDeployed, telemetryDeployed } from '../deployed.ts';
import { type Finished, runFleet } from '../run-fleet.ts';
import { row, timeSeriesTable } from '../time-series-table.ts';

const NOON = Date.parse('2026-01-31T12:00:00Z');
const temperature = (degrees: number) => ({ temperature: { N: String(degrees) } });

const base64 = (payload: string) => ({ S: Buffer.from(payload).toString('base64') });

let table: Awaited<ReturnType<typeof timeSeriesTable>>;
beforeAll(async () => {
  table = await timeSeriesTable();
  await table.put(
    row('kitchen', NOON, temperature(20)),
    row('kitchen', NOON + 1_000, { ...temperature(21.5), humidity: { N: '40' }, note: { S: 'a "b",\nc' } }, 'b'),
    row('kitchen', NOON + 1_000, temperature(22), 'c'),
    row('kitchen', NOON + 2_000, { open: { BOOL: true } }),
    row('garage', NOON + 500, temperature(-3)),
    row('odd', NOON, {
      exact: { N: '3.1415926535897932384626433832795028841' },
      nested: { M: { list: { L: [{ NULL: true }, { S: '\u001b[2J\u009b' }] } } },
      'a b': { S: '' },
    }),
    row('odd', NOON + 1, { raw: { S: Buffer.from('{"received":1}').toString('base64') } }),
    row('odd', NOON + 2, { raw: { S: Buffer.from([0xff]).toString('base64') } }),
    row('whole', NOON, { raw: base64(' \r\n{"temperature":20.50,"note":"a"}') }),
    row('whole', NOON + 1, { raw: base64('{"temperature":21,"received":1,"arrival":"x","full_topic":2}') }),
    row('wind', NOON, {
      wind: { M: { N: { N: '5' }, speed: { M: { mean: { N: '2.5' } } }, gusts: { L: [{ N: '7' }, { N: '9' }] } } },
      'wind.dir': { S: 'NW' },
    }),
    row('wind', NOON + 1, { raw: base64('{"wind":{"N":6,"speed":{"mean":3}}}') }),
    row('wind', NOON + 2, { wind: { N: '1' } }),
    row('hidden', NOON, { 'a\u202e\u200b': { S: 'x\u2066\u{e0041}\ufeff\u2028' }, '\u001b]0;x\u0007': { N: '1' } }),
    row('huge', NOON, { raw: base64('{"t":1e308,"u":1e999}') }),
    row('huge', NOON + 1, { raw: base64('{"t":1e308,"u":1}') }),
    row('boat', NOON + 1_500, { depth: { N: '3' } }),
    { device: { S: 'whole' }, arrival: { S: `${NOON + 2}#0` }, expires: { N: '1769947200' }, raw: base64('[1]') },
  );
});
beforeEach(() => {
  nothingDeployed();
  telemetryDeployed();
});

const fleet = () =>
  temporaryFleet({ 'home.yaml': 'devices:\n  kitchen: { board: esp32 }\n  silent: { board: esp32 }\n' });

function query(...argv: string[]): Promise<Finished> {
  return runFleet(['query', ...argv, '--fleet', fleet()]);
}
const jsonLines = ({ stdout }: Finished) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const received = (finished: Finished) => jsonLines(finished).map((line) => Number(line.received) - NOON);
const at = (offset: number) => String(NOON + offset);

test('lines for people, the oldest first', async () => {
  const { code, stdout, stderr } = await query('kitchen', '--since', at(0));
  expect(stderr).toBe('');
  const time = (offset: number) => formatMillisecond(NOON + offset);
  expect(stdout).toBe(
    [
      `${time(0)}  kitchen  rtjm/kitchen/telemetry  temperature=20`,
      `${time(1_000)}  kitchen  rtjm/kitchen/telemetry  humidity=40 note="a \\"b\\",\\nc" temperature=21.5`,
      `${time(1_000)}  kitchen  rtjm/kitchen/telemetry  temperature=22`,
      `${time(2_000)}  kitchen  rtjm/kitchen/telemetry  open=true`,
      '',
    ].join('\n'),
  );
  expect(code).toBe(0);
});

test('--json has every column, a line a message', async () => {
  const [first] = jsonLines(await query('kitchen', '--since', at(0), '--json'));
  const keys = { device: 'kitchen', arrival: `${NOON}#0` };
  expect(first).toEqual({ received: NOON, full_topic: 'rtjm/kitchen/telemetry', ...keys, temperature: 20 });
});

test('numbers keep all their digits, and no device can steer the terminal', async () => {
  for (const format of [[], ['--json']]) {
    const { stdout } = await query('odd', '--since', at(0), '--until', at(1), ...format);
    expect(stdout).toContain('3.1415926535897932384626433832795028841');
    expect(stdout).toContain('{"list":[null,"\\u001b[2J\\u009b"]}');
    // eslint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  }
});

describe('a payload that was kept whole', () => {
  test('is shown as it was sent, where it is text', async () => {
    expect((await query('odd', '--since', at(1))).stdout).toMatch(/raw=\{"received":1}\n[^]*raw=base64:\/w==\n/);
  });

  test('has columns where it holds a JSON object, but for our names', async () => {
    expect((await query('whole', '--since', at(0))).stdout).toBe(
      [
        `${formatMillisecond(NOON)}  whole  rtjm/whole/telemetry  note="a" temperature=20.50`,
        `${formatMillisecond(NOON + 1)}  whole  rtjm/whole/telemetry  ` +
          'raw={"temperature":21,"received":1,"arrival":"x","full_topic":2} temperature=21',
        `${formatMillisecond(NOON + 2)}  whole  raw=[1]`,
        '',
      ].join('\n'),
    );
  });

  test('in JSON and CSV as well, with the time of arrival where no stamp says it', async () => {
    const options = ['--since', at(0), '--field', 'temperature'];
    expect((await query('whole', ...options, '--csv')).stdout).toBe(
      [
        'time_local,received,device,full_topic,temperature\n',
        `${formatMillisecond(NOON)},${NOON},whole,rtjm/whole/telemetry,20.50\n`,
        `${formatMillisecond(NOON + 1)},${NOON + 1},whole,rtjm/whole/telemetry,21\n`,
      ].join(''),
    );
    const keys = { received: NOON + 2, device: 'whole', arrival: `${NOON + 2}#0`, expires: 1769947200 };
    expect(jsonLines(await query('whole', '--since', at(2), '--json'))).toEqual([{ ...keys, raw: base64('[1]').S }]);
  });
});

describe('fields stand in one order in every form:', () => {
  const orderIn = (text: string) => [...text.matchAll(/temperature|humidity|note/g)].map(([name]) => name);

  test.each([
    [[], ['humidity', 'note', 'temperature']],
    [
      ['--field', 'temperature', 'note', 'humidity'],
      ['temperature', 'note', 'humidity'],
    ],
  ])('%j', async (fields, order) => {
    const span = ['--since', at(1_000), '--until', at(1_500), ...fields];
    for (const form of [[], ['--json'], ['--csv']]) {
      const { stdout } = await query('kitchen', ...span, ...form);
      expect(orderIn(stdout.split('\n')[0] ?? '')).toEqual(order);
    }
  });
});

test.each([[[]], [['--csv']], [['--json']]])(
  'fields with commas between them: what was meant is said %j',
  async (form) => {
    const { code, stderr } = await query('kitchen', '--since', at(0), '--field', 'temperature,humidity', ...form);
    expect(stderr).toBe('nothing has a field "temperature,humidity"; for several: --field temperature humidity\n');
    expect(code).toBe(0);
  },
);

test('on a terminal of 80 columns, a row goes on below, and no word is broken', async () => {
  const argv = ['query', 'kitchen', '--since', at(1_000), '--limit', '1', '--fleet', fleet()];
  const { stdout } = await runFleet(argv, { answer: '', columns: 80 });
  expect(stripVTControlCharacters(stdout).split('\n')).toEqual([
    `${formatMillisecond(NOON + 1_000)}  kitchen  rtjm/kitchen/telemetry  humidity=40`,
    '    note="a \\"b\\",\\nc" temperature=21.5',
    '',
  ]);
});

describe('--every', () => {
  test('is a line a window', async () => {
    const options = ['--since', at(0), '--every', '1s', '--field', 'temperature', 'humidity'];
    const { stdout } = await query('kitchen', ...options);
    expect(stdout).toBe(
      [
        `${formatMillisecond(NOON)}  kitchen  temperature=20`,
        `${formatMillisecond(NOON + 1_000)}  kitchen  temperature=21.75 humidity=40`,
        '',
      ].join('\n'),
    );
    expect((await query('kitchen', ...options, '--stat', 'max', '--csv')).stdout).toBe(
      [
        'time_local,received,device,temperature,humidity\n',
        `${formatMillisecond(NOON)},${NOON},kitchen,20,\n`,
        `${formatMillisecond(NOON + 1_000)},${NOON + 1_000},kitchen,22,40\n`,
      ].join(''),
    );
  });

  test('and --chart draws them', async () => {
    const { stdout } = await query('kitchen', '--since', at(0), '--every', '1s', '--chart', '--stat', 'count');
    expect(stdout).toMatch(/^humidity\n[^]*\n\ntemperature\n/);
    expect(stdout).toMatch(/count of 1 s\n$/);
  });
});

describe('a reading that arrived late', () => {
  const HOUR = 3_600_000;
  const age = (milliseconds: number) => ({ age: { N: String(milliseconds) } });
  /** As the rule writes it. */
  const aged = (received: number, milliseconds: number, degrees: number, unique?: string) => ({
    ...row('late', received, { ...temperature(degrees), ...age(milliseconds) }, unique),
    measured: { N: String(received - milliseconds) },
  });
  beforeAll(async () => {
    await table.put(
      aged(NOON + 12, 12, 20),
      row('late', NOON + 90_000, { gone: { BOOL: true } }), // the last will: nobody tells its age
      // Fifty minutes without a network: the ring comes at once, in the order in which it was filled.
      aged(NOON + 50 * 60_000, 49 * 60_000, 21, 'a'),
      aged(NOON + 50 * 60_000, 25 * 60_000, 22, 'b'),
      aged(NOON + 50 * 60_000 + 5, 60_000, 23, 'c'),
      aged(NOON + 51 * 60_000, 10, 24),
      // Of a board whose `age` was its own, and of one that was flashed before.
      row('late', NOON + 52 * 60_000, { ...temperature(25), ...age(7) }),
      row('late', NOON + 53 * 60_000, temperature(26)),
      { ...row('late', NOON + 2 * HOUR, {}), raw: base64('{"temperature":27,"age":3600000}') },
    );
  });
  const ofLate = (...argv: string[]) => query('late', '--since', at(0), ...argv);
  const temperatures = (finished: Finished) =>
    jsonLines(finished).map((line) => (line.gone === true ? 'gone' : line.temperature));

  test('stands where it was taken, in the order of time', async () => {
    const finished = await ofLate('--json');
    expect(temperatures(finished)).toEqual([20, 21, 'gone', 22, 23, 24, 25, 26, 27]);
    const [, first] = jsonLines(finished);
    expect(first).toMatchObject({ measured: NOON + 60_000, received: NOON + 50 * 60_000, age: 49 * 60_000 });
    const { stdout } = await ofLate();
    const lines = stdout.split('\n');
    expect(lines[1]).toBe(
      `${formatMillisecond(NOON + 60_000)}  late  rtjm/late/telemetry  temperature=21  (arrived 49 min later)`,
    );
    // What is a second late is not said to be, and an age that tells no time is a field as any other.
    expect(lines[5]).toMatch(/ {2}temperature=24$/);
    expect(lines[6]).toBe(`${formatMillisecond(NOON + 52 * 60_000)}  late  rtjm/late/telemetry  age=7 temperature=25`);
  });

  test('is found in the span in which it was taken, and in no other', async () => {
    expect(temperatures(await ofLate('--json', '--until', at(30 * 60_000)))).toEqual([20, 21, 'gone', 22]);
    const later = await query('late', '--since', at(30 * 60_000), '--until', at(50 * 60_000), '--json');
    expect(temperatures(later)).toEqual([23]);
    expect(temperatures(await query('late', '--last', '2', '--until', at(30 * 60_000), '--json'))).toEqual([
      'gone',
      22,
    ]);
    expect(temperatures(await query('late', '--last', '3', '--json'))).toEqual([25, 26, 27]);
  });

  test('when it comes within a week, and among a thousand messages', async () => {
    const week = 7 * 24 * HOUR;
    const device = (name: string, received: number, milliseconds: number) => ({
      ...aged(received, milliseconds, 1),
      device: { S: name },
    });
    await table.put(device('week', NOON + week, week), device('week', NOON + week + 1, week));
    expect(received(await query('week', '--since', at(0), '--until', at(1), '--json'))).toEqual([week]);
    await table.put(
      ...Array.from({ length: 999 }, (_, index) => device('many', NOON + index, 0)),
      device('many', NOON + 999, 1_000),
      device('many', NOON + 1_000, 1_000),
    );
    expect(received(await query('many', '--since', at(-1_000), '--until', at(0), '--json'))).toEqual([999]);
  });

  test('is in its window, in its place in a chart and in CSV', async () => {
    const windows = await ofLate('--every', '30m', '--field', 'temperature', '--stat', 'max', '--json');
    expect(jsonLines(windows).map((line) => [Number(line.received) - NOON, line.temperature])).toEqual([
      [0, 22],
      [30 * 60_000, 26],
      [60 * 60_000, 27],
    ]);
    const { stdout } = await ofLate('--csv', '--field', 'temperature', '--until', at(10 * 60_000));
    expect(stdout).toBe(
      [
        'time_local,measured,received,device,full_topic,temperature',
        `${formatMillisecond(NOON)},${NOON},${NOON + 12},late,rtjm/late/telemetry,20`,
        `${formatMillisecond(NOON + 60_000)},${NOON + 60_000},${NOON + 3_000_000},late,rtjm/late/telemetry,21`,
        '',
      ].join('\n'),
    );
    const chart = (await ofLate('--chart', '--until', at(49 * 60_000), '--every', '1m')).stdout;
    expect(chart).toMatch(/^temperature\n/);
    const time = (offset: number) => formatMillisecond(NOON + offset).slice(0, 16);
    expect(chart).toContain(`${time(0)} to ${time(26 * 60_000)}, avg of 1 min`);
  });

  test('tells its age itself where the payload is kept whole, unless the settings say that none is meant', async () => {
    const span = ['--since', at(HOUR), '--until', at(HOUR + 1), '--json'];
    expect(temperatures(await query('late', ...span))).toEqual([27]);
    telemetryDeployed({ TableName: 'time-series', RowSettings: '{"stamps":["received"]}' });
    expect((await query('late', ...span)).stdout).toBe('');
    expect(received(await query('late', '--last', '1', '--json'))).toEqual([2 * HOUR]);
  });
});

describe('the span', () => {
  test.each([
    [
      ['--since', at(1_000)],
      [1_000, 1_000, 2_000],
    ],
    [['--since', at(0), '--until', at(1_000)], [0]],
    [
      ['--since', at(0), '--until', at(1_001)],
      [0, 1_000, 1_000],
    ],
    [['--since', '2026-01-31T12:00:02Z'], [2_000]],
    [
      ['--since', at(0), '--limit', '2'],
      [0, 1_000],
    ],
    [
      ['--since', at(0), '--field', 'open', 'humidity'],
      [1_000, 2_000],
    ],
    [['--since', at(0), '--field', 'open', '--limit', '1'], [2_000]],
  ])('%j', async (argv, expected) => {
    expect(received(await query('kitchen', '--json', ...argv))).toEqual(expected);
  });

  test('a duration counts back from now', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOON + 3_500 });
    const finished = await query('kitchen', '--json', '--since', '2s');
    vi.useRealTimers();
    expect(received(finished)).toEqual([2_000]);
  });
});

describe('--last', () => {
  test('is the newest messages, whenever they came, the oldest of them first', async () => {
    expect(received(await query('kitchen', '--last', '2', '--json'))).toEqual([1_000, 2_000]);
    expect(received(await query('kitchen', '--last', '99', '--json'))).toEqual([0, 1_000, 1_000, 2_000]);
    expect(received(await query('kitchen', '--last', '1', '--field', 'humidity', '--json'))).toEqual([1_000]);
    expect(received(await query('kitchen', '--last', '2', '--until', at(2_000), '--json'))).toEqual([1_000, 1_000]);
    expect((await query('kitchen', '--last', '2', '--since', '1h', '--json')).stdout).toBe('');
  });

  test('reads no more than that', async () => {
    const send = vi.spyOn(DynamoDBClient.prototype, 'send');
    await query('kitchen', '--last', '2', '--json');
    const inputs = send.mock.calls.map(([command]) => (command as QueryCommand).input);
    send.mockRestore();
    expect(inputs).toHaveLength(1);
    expect(inputs[0]).toMatchObject({ Limit: 2, ScanIndexForward: false });
  });

  test('of several devices is of all together', async () => {
    const finished = await query('kitchen', 'boat', 'garage', '--last', '2', '--json');
    expect(jsonLines(finished).map(({ device }) => device)).toEqual(['boat', 'kitchen']);
  });
});

describe('several devices', () => {
  test('are in the order of time', async () => {
    const finished = await query('kitchen', 'garage', 'boat', 'kitchen', '--since', at(0), '--json');
    expect(jsonLines(finished).map(({ device }) => device)).toEqual([
      ...['kitchen', 'garage', 'kitchen', 'kitchen', 'boat', 'kitchen'],
    ]);
    expect(received(await query('kitchen', 'garage', '--since', at(0), '--limit', '2', '--json'))).toEqual([0, 500]);
  });

  test('have the columns of all in CSV, and windows of their own', async () => {
    const { stdout, stderr } = await query('garage', 'boat', '--since', at(0), '--csv');
    expect(stderr).toBe('');
    expect(stdout.split('\n')[0]).toBe('time_local,received,device,full_topic,depth,temperature');
    const options = ['--since', at(0), '--every', '1s', '--field', 'temperature', '--json'];
    const every = jsonLines(await query('kitchen', 'garage', ...options));
    const found = every.map(({ device, temperature }) => `${String(device)} ${String(temperature)}`);
    expect(found).toEqual(['kitchen 20', 'garage -3', 'kitchen 21.75']);
  });

  test('have panels of their own', async () => {
    const { stdout } = await query('kitchen', 'garage', '--since', at(0), '--field', 'temperature', '--chart');
    expect(stdout).toMatch(/^garage temperature\n[^]*\n\nkitchen temperature\n/);
  });

  test('of which nothing came, a slip in any name is found', async () => {
    const { stderr } = await query('silent', 'kichen', '--since', '1h');
    expect(stderr).toMatch(/^fleet: no device "kichen"/);
  });
});

describe('a field inside of another', () => {
  test.each([
    ['wind.N', [5, 6]],
    ['wind.speed.mean', [2.5, 3]],
    ['wind.gusts.1', [9]],
    ['wind.dir', ['NW']],
  ])('%s', async (field, expected) => {
    const lines = jsonLines(await query('wind', '--since', at(0), '--field', field, '--json'));
    expect(lines.map((line) => line[field])).toEqual(expected);
    expect(Object.keys(lines[0] ?? {})).toEqual(['received', 'device', 'full_topic', 'arrival', field]);
  });

  test.each(['wind.M', 'wind.N.N', 'wind.gusts.length', 'wind.toString', 'wind.', '.wind', 'wind.gusts.2'])(
    '%s is nowhere',
    async (field) => {
      expect((await query('wind', '--since', at(0), '--field', field)).stdout).toBe('');
    },
  );

  test('in windows and in CSV', async () => {
    const options = ['--since', at(0), '--field', 'wind.N', 'wind.speed.mean', '--csv', '--every', '1s'];
    expect((await query('wind', ...options)).stdout.split('\n').slice(0, 2)).toEqual([
      'time_local,received,device,wind.N,wind.speed.mean',
      `${formatMillisecond(NOON)},${NOON},wind,5.5,2.75`,
    ]);
  });
});

test('what is not seen, or turns the direction of writing, is spelt out', async () => {
  for (const format of [[], ['--json'], ['--csv'], ['--field', 'a\u202e\u200b', '--csv']]) {
    const { stdout } = await query('hidden', '--since', at(0), ...format);
    expect(stdout).toContain('a\\u202e\\u200b');
    expect(stdout).toContain('x\\u2066\\udb40\\udc41\\ufeff\\u2028');
    expect(stdout).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u);
  }
  const [line] = jsonLines(await query('hidden', '--since', at(0), '--json'));
  expect(line).toMatchObject({ 'a\u202e\u200b': 'x\u2066\u{e0041}\ufeff\u2028', '\u001b]0;x\u0007': 1 });
});

test('numbers past those of a computer stay JSON in windows, and crash no chart', async () => {
  const options = ['--since', at(0), '--every', '1s'];
  expect((await query('huge', ...options, '--json')).stdout).toContain('"t":1e+308,"u":5e+998');
  const { code, stdout } = await query('huge', ...options, '--chart', '--field', 't', 'u', '--stat', 'min');
  expect(stdout).toMatch(/^u\n[^]*, 1 past 1e\+300 left out\n$/);
  expect(code).toBe(0);
});

test('--field reads these columns only', async () => {
  const [line] = jsonLines(await query('kitchen', '--since', at(1_000), '--field', 'temperature', '--json'));
  expect(Object.keys(line ?? {})).toEqual(['received', 'device', 'full_topic', 'arrival', 'temperature']);
});

test('any number of pages, by key alone', async () => {
  const send = vi.spyOn(DynamoDBClient.prototype, 'send');
  const finished = await query('kitchen', '--since', at(0), '--json', '--limit', '3');
  const calls = send.mock.calls.map(([command]) => command);
  send.mockRestore();
  expect(received(finished)).toEqual([0, 1_000, 1_000]);
  expect(calls.every((command) => command instanceof QueryCommand)).toBe(true);
  for (const { input } of calls as QueryCommand[]) {
    expect(input).toMatchObject({ TableName: 'time-series', Limit: 1_003 });
    expect(input).not.toHaveProperty('FilterExpression');
  }
});

describe('--csv', () => {
  test('has a column a field', async () => {
    const { stdout, code } = await query('kitchen', '--since', at(0), '--csv');
    expect(stdout).toBe(
      [
        'time_local,received,device,full_topic,humidity,note,open,temperature',
        `${formatMillisecond(NOON)},${NOON},kitchen,rtjm/kitchen/telemetry,,,,20`,
        `${formatMillisecond(NOON + 1_000)},${NOON + 1_000},kitchen,rtjm/kitchen/telemetry,40,"a ""b"",\nc",,21.5`,
        `${formatMillisecond(NOON + 1_000)},${NOON + 1_000},kitchen,rtjm/kitchen/telemetry,,,,22`,
        `${formatMillisecond(NOON + 2_000)},${NOON + 2_000},kitchen,rtjm/kitchen/telemetry,,,true,`,
        '',
      ].join('\n'),
    );
    expect(code).toBe(0);
  });

  test('has the columns that were asked for', async () => {
    const { stdout } = await query('kitchen', '--since', at(0), '--csv', '--field', 'open', 'temperature');
    expect(stdout.split('\n')[0]).toBe('time_local,received,device,full_topic,open,temperature');
  });
});

describe('nothing to show', () => {
  test.each([
    [['silent', '--since', '24h'], 'nothing: no message of silent in this span of time\n'],
    [
      ['kitchen', '--since', at(0), '--field', 'speed', 'height'],
      'nothing: no message of kitchen with speed or height in this span of time\n',
    ],
    [
      ['kitchen', '--since', at(0), '--field', 'open', '--chart'],
      'nothing: no number of kitchen with open in this span of time\n',
    ],
    [['silent', '--last', '1'], 'nothing: no message of silent\n'],
    [['silent', '--since', '24h', '--json'], ''],
    [['silent', '--since', '24h', '--csv'], ''],
  ])('%s', async (argv, stderr) => {
    expect(await query(...argv)).toEqual({ code: 0, stdout: '', stderr });
  });

  test('a device that is not in the fleet is probably a slip', async () => {
    const stderr = expect.stringMatching(/^fleet: no device "kichen" in .*; there is: kitchen, silent\n$/) as string;
    expect(await query('kichen', '--since', '24h')).toMatchObject({ code: 1, stderr });
  });
});

test.each([
  [['kitchen', '--since', 'yesterday'], "'--since <time>' argument 'yesterday' is invalid. Allowed: such as 90s"],
  [['kitchen', '--since', '2026-02-30'], "'--since <time>' argument '2026-02-30' is invalid. Allowed: such as 90s"],
  [['kitchen', '--until', '2026-02-03T10:00junk'], "argument '2026-02-03T10:00junk' is invalid. Allowed: such as 90s"],
  [['kitchen', '--field', ''], "option '--field <name...>' argument '' is invalid. Allowed: the name of a field"],
  [['kitchen', '--last', '0'], "option '--last <number>' argument '0' is invalid. Allowed: a whole number from 1"],
  [['kitchen', '--last', '1', '--limit', '1'], "'--last <number>' cannot be used with option '--limit <number>'"],
  [['kitchen', 'Garage'], 'Allowed: 1 to 64 characters of a-z, 0-9 and "-"'],
  [['kitchen', '--limit', '0'], "option '--limit <number>' argument '0' is invalid. Allowed: a whole number from 1"],
  [['kitchen', '--csv', '--json'], "option '--json' cannot be used with option '--csv'"],
  [['kitchen', '--chart', '--json'], "option '--json' cannot be used with option '--chart'"],
  [['kitchen', '--chart', '--csv'], "option '--csv' cannot be used with option '--chart'"],
  [['kitchen', '--stat', 'max'], '--stat says what of? add --every or --chart'],
  [['kitchen', '--every', '10m', '--stat', 'median'], 'Allowed choices are avg, min, max, sum, count'],
  [['kitchen', '--every', '0m'], 'Allowed: such as 30s, 10m, 1h, 1d'],
  [['kitchen', '--since', '1h', '--until', '2h'], '--until has to be later than --since'],
  [[], "missing required argument 'device'"],
])('%j is refused', async (argv, message) => {
  const { code, stderr } = await query(...argv);
  expect(stderr).toContain(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(1);
});

test('before the first deployment', async () => {
  nothingDeployed();
  const stderr = 'fleet: stack "fleet-telemetry" is not deployed; run: npx cdk deploy --all\n';
  expect(await query('kitchen')).toMatchObject({ code: 1, stderr });
});

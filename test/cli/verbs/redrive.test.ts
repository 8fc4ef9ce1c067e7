import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deadLetters } from '../dead-letters.ts';
import { nothingDeployed, telemetryDeployed } from '../deployed.ts';
import { runFleet } from '../run-fleet.ts';

let cloud: Awaited<ReturnType<typeof deadLetters>>;
let sink: Awaited<ReturnType<typeof cloud.fresh>>;
beforeAll(async () => {
  cloud = await deadLetters();
});
beforeEach(async () => {
  nothingDeployed();
  sink = await cloud.fresh();
  deployed();
});

function deployed(settings: object = {}): void {
  telemetryDeployed({
    TableName: sink.table,
    DeadLetterQueueUrl: sink.queueUrl,
    RowSettings: JSON.stringify({ stamps: ['received', 'full_topic', 'measured'], ingest: 'broker', ...settings }),
  });
}

const redrive = (...options: string[]) => runFleet(['redrive', ...options]);

describe('the row is the one that the rule would have written', () => {
  async function rowOf(payload: string | Uint8Array) {
    const id = await sink.fail({ payload });
    expect(await redrive()).toMatchObject({ code: 0, stderr: '' });
    const [row, ...others] = await sink.rows();
    expect(others).toEqual([]);
    expect(row?.arrival?.S).toMatch(new RegExp(`^\\d{13}#${id}$`));
    return row ?? {};
  }
  const base64 = (payload: string | Uint8Array) => ({ S: Buffer.from(payload).toString('base64') });

  test('a column a field, the stamps and the keys', async () => {
    const before = Date.now();
    const { received, arrival, ...row } = await rowOf('{"temperature":21.5,"deep":[{"a":null}],"open":true}');
    expect(row).toEqual({
      device: { S: 'kitchen' },
      full_topic: { S: 'rtjm/kitchen/telemetry' },
      temperature: { N: '21.5' },
      deep: { L: [{ M: { a: { NULL: true } } }] },
      open: { BOOL: true },
    });
    expect(arrival?.S?.split('#')[0]).toBe(received?.N);
    expect(Number(received?.N)).toBeGreaterThanOrEqual(before);
    expect(Number(received?.N)).toBeLessThanOrEqual(Date.now());
  });

  test('the time of measurement, where the device told a sane age', async () => {
    const sane = { '3000000.9': 3_000_000, '"1500"': 1_500, '0': 0 };
    const ages = [...Object.keys(sane), '-1', '604800001', 'null', 'true', '"x"', '[1]', '{}'];
    for (const [n, age] of ages.entries())
      await sink.fail({ topic: `rtjm/device-${n}/x`, payload: `{"temperature":1,"age":${age}}` });
    expect(await redrive()).toMatchObject({ code: 0, stderr: '' });
    const rows = await sink.rows();
    expect(rows).toHaveLength(ages.length);
    for (const [n, age] of ages.entries()) {
      const { received, measured } = rows.find(({ device }) => device?.S === `device-${n}`) ?? {};
      const less = (sane as Record<string, number>)[age];
      if (less === undefined) expect(measured, age).toBeUndefined();
      else expect(Number(measured?.N), age).toBe(Number(received?.N) - less);
    }
  });

  test('no time of measurement where the settings leave it out', async () => {
    deployed({ stamps: ['received'] });
    expect(Object.keys(await rowOf('{"age":1}')).sort()).toEqual(['age', 'arrival', 'device', 'received']);
  });

  test('a number keeps all of 38 digits', async () => {
    const digits = '1234567890123456789012345678901234567.8';
    expect(await rowOf(`{"n":${digits}}`)).toMatchObject({ n: { N: digits } });
  });

  test('what can be no columns is kept whole', async () => {
    const payloads = {
      'not an object': '[1]',
      empty: '',
      'an object behind white space': ' {"a":1}',
      'U+FFFD': '{"a":"\u{fffd}"}',
      'the number by which text shows itself': '{"00001":1}',
      bytes: new Uint8Array([0xff, 0x00]),
      'JSON in invalid UTF-8': Buffer.from([...Buffer.from('{"a":"'), 0xff, ...Buffer.from('"}')]),
      'one of our names': '{"received":1,"temperature":2}',
      'the time of measurement': '{"measured":1,"age":2}',
      'a name of ours that no column has': '{"expires":1}',
      'nested too deep': `{"a":${'['.repeat(60_000)}${']'.repeat(60_000)}}`,
      'half of a surrogate pair': '{"a":"\\ud800"}',
      'a number that no computer holds': '{"a":1e999}',
      '39 digits': `{"n":${'123'.repeat(13)}}`,
    };
    const cases = Object.entries(payloads);
    for (const [device, payload] of cases) await sink.fail({ topic: `rtjm/${device}/x`, payload });
    expect(await redrive()).toMatchObject({ code: 0, stderr: '' });
    const rows = await sink.rows();
    expect(rows).toHaveLength(cases.length);
    for (const [device, payload] of cases) {
      const row = rows.find((each) => each.device?.S === device) ?? {};
      expect(Object.keys(row).sort(), device).toEqual(['arrival', 'device', 'full_topic', 'raw', 'received']);
      expect(row.raw, device).toEqual(base64(payload));
    }
  });

  test('the settings that were deployed count', async () => {
    deployed({ stamps: [], retention: 86_400 });
    const row = await rowOf('{"temperature":1}');
    expect(Object.keys(row).sort()).toEqual(['arrival', 'device', 'expires', 'temperature']);
    const arrived = Number.parseInt(row.arrival?.S ?? '', 10);
    expect(row.expires?.N).toBe(String(Math.floor(arrived / 1_000) + 86_400));
  });

  test('with a rule that keeps all whole, all is kept whole', async () => {
    deployed({ payload: 'raw' });
    expect(await rowOf('{"a":1}')).toMatchObject({ raw: base64('{"a":1}') });
  });

  test('with basic ingest, whose topics have a prefix, all is kept whole', async () => {
    deployed({ ingest: 'basic' });
    await sink.fail({ payload: '{"a":1}', topic: '$aws/rules/fleet_telemetry/rtjm/garage/x' });
    await redrive();
    expect(await sink.rows()).toMatchObject([
      { device: { S: 'garage' }, full_topic: { S: 'rtjm/garage/x' }, raw: base64('{"a":1}') },
    ]);
  });
});

describe('what can be no row', () => {
  test('is named and left, and all else is written', async () => {
    await sink.fail({ payload: '{"a":1}' });
    await sink.fail({ payload: '{"a":1}', topic: 'rtjm/' });
    await sink.fail({ payload: '{"a":1}', topic: 'rtjm/' });
    await sink.fail({ payload: '{"a":1}', rule: 'another' });
    const id = await sink.send('a note to myself');
    const { code, stdout, stderr } = await redrive();
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(
      stdout
        .split('\n')
        .filter((line) => line.startsWith('!'))
        .sort(),
    ).toEqual([
      `! "rtjm/": its topic names no device (2 messages)`,
      `! "rtjm/kitchen/telemetry": it is of the rule another, which writes no rows`,
      `! ${id}: it is no message of the error action of a rule`,
    ]);
    expect(stdout).toMatch(/^left in the queue +4$/m);
    expect(await sink.rows()).toHaveLength(1);
    expect(await sink.depth()).toEqual([4, 0]);
  });
});

test('any number, each once, also by two at once', async () => {
  await Promise.all(Array.from({ length: 150 }, (_, n) => sink.fail({ payload: JSON.stringify({ n }) })));
  const ends = await Promise.all([redrive('--json'), redrive('--json')]);
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  const written = ends.map(({ stdout }) => (JSON.parse(stdout) as { rows: { columns: number } }).rows.columns);
  expect((written[0] ?? 0) + (written[1] ?? 0)).toBe(150);
  const rows = await sink.rows();
  expect(new Set(rows.map(({ n }) => n?.N)).size).toBe(150);
  expect(rows).toHaveLength(150);
  expect(await sink.depth()).toEqual([0, 0]);
});

test('a message that SQS did not delete becomes the same row again', async () => {
  await sink.fail({ payload: '{"a":1}' });
  cloud.faults.add({ service: 'sqs', operation: 'DeleteMessageBatch', kind: 'fail before' });
  const first = await redrive();
  expect(first).toMatchObject({ code: 1, stderr: 'fleet: a test injected this failure\n' });
  const rows = await sink.rows();
  expect(rows).toHaveLength(1);
  expect(await sink.depth()).toEqual([1, 0]);

  expect((await redrive()).code).toBe(0);
  expect(await sink.rows()).toEqual(rows);
  expect(await sink.depth()).toEqual([0, 0]);
});

test('a table that refuses for another reason ends it, and what was written before is deleted', async () => {
  for (const n of [1, 2, 3]) await sink.fail({ payload: JSON.stringify({ n }) });
  cloud.faults.add({ service: 'dynamodb', operation: 'PutItem', kind: 'fail before' });
  const { code, stdout, stderr } = await redrive();
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'fleet: a test injected this failure\n' });
  expect(stdout).toMatch(/^local cloud at 127\.0\.0\.1:\d+\n/);
  expect(stdout).toMatch(/^rows, a column a field +2$/m);
  expect(await sink.rows()).toHaveLength(2);
  expect(await sink.depth()).toEqual([1, 0]);
});

test('throttles are waited out', async () => {
  await sink.fail({ payload: '{"a":1}' });
  for (let n = 0; n < 3; n++) cloud.faults.add({ service: 'dynamodb', operation: 'PutItem', kind: 'throttle' });
  expect((await redrive()).code).toBe(0);
  expect(await sink.rows()).toHaveLength(1);
});

test('Ctrl-C: what is under way is finished, the rest stays', async () => {
  await Promise.all(Array.from({ length: 300 }, (_, n) => sink.fail({ payload: JSON.stringify({ n }) })));
  const running = redrive('--json');
  const hasBegun = () => cloud.faults.calls.some(({ operation }) => operation === 'PutItem');
  await expect.poll(hasBegun, { interval: 1 }).toBe(true);
  process.emit('SIGINT');
  const { code, stdout } = await running;
  expect(code).toBe(130);
  const { interrupted, rows } = JSON.parse(stdout) as { interrupted: boolean; rows: { columns: number } };
  expect(interrupted).toBe(true);
  expect(rows.columns).toBeLessThan(300);
  expect(await sink.rows()).toHaveLength(rows.columns);
  expect(await sink.depth()).toEqual([300 - rows.columns, 0]);
});

test('--dry-run writes and deletes nothing', async () => {
  await sink.fail({ payload: '{"a":1}' });
  await sink.fail({ payload: 'x' });
  const { code, stdout } = await redrive('--dry-run');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^would be rows, a column a field +1$/m);
  expect(stdout).toMatch(/^would be rows, payload kept whole +1$/m);
  expect(await sink.rows()).toEqual([]);
  expect(await sink.depth()).toEqual([2, 0]);
});

test('--dry-run promises what the run makes', async () => {
  const payloads = {
    plain: '{"a":1,"deep":{"b":[1.5,"x",null,true]}}',
    'not JSON': 'x',
    '38 digits': `{"n":${'1234567890'.repeat(4).slice(0, 38)}}`,
    '38 digits and zeros': `{"n":${'1234567890'.repeat(4).slice(0, 38)}000.000}`,
    '39 digits': `{"n":${'123'.repeat(13)}}`,
    '39 digits inside': `{"a":[{"n":${'123'.repeat(13)}}]}`,
    'past any number': '{"n":1e999}',
    'past any exponent': '{"n":1e99999999999999999999}',
    largest: '{"n":-9.9999999999999999999999999999999999999e125}',
    'too large': '{"n":1e126}',
    smallest: '{"n":1e-130}',
    'too small': '{"n":-1e-131}',
    zero: '{"n":0e999,"m":-0.0}',
    'no name': '{"":1}',
    'our name': '{"device":1}',
    __proto__: '{"__proto__":1}',
  };
  const raw = [
    '39 digits',
    '39 digits inside',
    'past any number',
    'past any exponent',
    'too large',
    'too small',
    'no name',
  ];
  for (const [device, payload] of Object.entries(payloads)) await sink.fail({ topic: `rtjm/${device}/x`, payload });
  const formOf = async (...options: string[]) =>
    (JSON.parse((await redrive('--json', ...options)).stdout) as { rows: unknown }).rows;
  const promised = await formOf('--dry-run');
  const count = raw.length + 2; // what is not JSON, and our name
  expect(promised).toEqual({ columns: Object.keys(payloads).length - count, raw: count });
  expect(await formOf()).toEqual(promised);
  const rows = await sink.rows();
  expect(
    rows
      .filter((row) => 'raw' in row)
      .map((row) => row.device?.S)
      .sort(),
  ).toEqual([...raw, 'not JSON', 'our name'].sort());
});

test('a topic and a reason that somebody chose do not steer the terminal', async () => {
  await sink.fail({ payload: 'x', topic: 'rtjm/\u202e\u200b', rule: '\u001b[2J' });
  const { stdout } = await redrive();
  expect(stdout).toContain('! "rtjm/\\u202e\\u200b": it is of the rule \\u001b[2J, which writes no rows');
  const json = (await redrive('--json')).stdout;
  expect(json).not.toMatch(/[\p{Cf}]|(?!\n)\p{Cc}/u);
  expect(JSON.parse(json)).toMatchObject({ left: [{ topic: 'rtjm/\u202e\u200b' }] });
});

test('nothing to do', async () => {
  expect(await redrive('--json')).toEqual({
    code: 0,
    stdout: `${JSON.stringify({ dryRun: false, interrupted: false, rows: { columns: 0, raw: 0 }, left: [] }, undefined, 2)}\n`,
    stderr: '',
  });
});

test('before the first deployment', async () => {
  nothingDeployed();
  expect(await redrive()).toMatchObject({
    code: 1,
    stderr: 'fleet: stack "fleet-telemetry" is not deployed; run: npx cdk deploy --all\n',
  });
});

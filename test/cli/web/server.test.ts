import { UpdateCertificateCommand } from '@aws-sdk/client-iot';
import {
  DeleteConnectionCommand,
  GetConnectionCommand,
  ListSubscriptionsCommand,
  PublishCommand,
} from '@aws-sdk/client-iot-data-plane';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Row } from '../../../cli/rows/time-series.ts';
import { FleetNames } from '../../../lib/fleet/names.ts';
import { startPageServer } from '../../../cli/web/server.ts';
import { Watch } from '../../../cli/web/watch.ts';
import type { Curves, Message, MessageDetails, ServerEvent } from '../../../web/wire.ts';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import {
  iot,
  iotData,
  certificateOf,
  stored as storedFor,
  nothingDeployed,
  siteDeployed,
  telemetryDeployed,
  thingHas,
} from '../deployed.ts';
import { row, timeSeriesTable } from '../time-series-table.ts';
import { PageClient } from './page-client.ts';

const FILE = 'devices:\n  kitchen: { board: esp8266 }\n  shed: { board: esp32 }\n';

let table: Awaited<ReturnType<typeof timeSeriesTable>>;
beforeAll(async () => {
  table = await timeSeriesTable();
});

let client: PageClient;
let fleet: string;
beforeEach(async () => {
  nothingDeployed();
  telemetryDeployed();
  siteDeployed('home', ['kitchen', 'shed']);
  thingHas('kitchen', { a: 'ACTIVE' });
  thingHas('shed', { b: 'ACTIVE' });
  iot.on(UpdateCertificateCommand).resolves({});
  iotData
    .on(ListSubscriptionsCommand)
    .resolves({ subscriptions: [{ topicFilter: 'cmd/rtjm/kitchen/#', qos: 1 }] })
    .on(GetConnectionCommand)
    .resolves({ connected: false, disconnectedSince: 1_700_000_000_000, disconnectReason: 'AUTH_ERROR' });
  iotData.on(DeleteConnectionCommand).resolves({});
  iotData.on(PublishCommand).resolves({});
  fleet = temporaryFleet({ 'home.yaml': FILE });
  const server = await startPageServer({ fleet: fleet, names: new FleetNames(), settings: undefined }, 0);
  onTestFinished(() => server.close());
  client = new PageClient(server.link);
});

const N = (number: number | string) => ({ N: String(number) });

describe('who is let in', () => {
  test('the link has a token of 256 bits, and another one each time', async () => {
    expect(client.token).toMatch(/^[\w-]{43}$/);
    const other = await startPageServer({ fleet: fleet, names: new FleetNames(), settings: undefined }, 0);
    onTestFinished(() => other.close());
    expect(new PageClient(other.link).token).not.toBe(client.token);
  });

  test.each([
    ['/', 403],
    ['/?token=', 403],
    ['/?token=x', 403],
    ['/api/events', 401],
    ['/api/messages?device=kitchen', 401],
    ['/api/curves?device=kitchen&since=0&until=1', 401],
    ['/api/revocation?device=kitchen', 401],
    ['/api/nothing', 401],
  ])('%s without the token is %i', async (path, status) => {
    const answer = await client.raw(path);
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain(client.token);
  });

  test('the token in the address opens the page and no API, so that no link does anything', async () => {
    expect((await client.raw(`/?token=${client.token}`)).status).toBe(200);
    expect((await client.raw(`/api/messages?device=kitchen&token=${client.token}`)).status).toBe(401);
  });

  test.each([
    ['another host (DNS rebinding)', { host: 'evil.example' }],
    ['another host of this port', { host: 'evil.example:PORT' }],
    ['this host without the port', { host: '127.0.0.1' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['an origin that is hidden', { origin: 'null' }],
    ['another site, without an origin', { 'sec-fetch-site': 'cross-site' }],
    ['another port, without an origin', { 'sec-fetch-site': 'same-site' }],
  ])('%s is refused, token or not', async (_, headers) => {
    const port = new URL(client.origin).port;
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', port)]),
    );
    for (const path of [`/?token=${client.token}`, '/api/messages?device=kitchen']) {
      expect((await client.api(path, { headers: sent })).status).toBe(403);
    }
    const body = JSON.stringify({ device: 'kitchen', levels: 'command', payload: '{}' });
    const type = { 'content-type': 'application/json' };
    expect((await client.api('/api/command', { method: 'POST', headers: { ...sent, ...type }, body })).status).toBe(
      403,
    );
    expect(iotData.commandCalls(PublishCommand)).toEqual([]);
  });

  test('localhost is this machine, too', async () => {
    const host = `localhost:${new URL(client.origin).port}`;
    expect((await client.raw(`/?token=${client.token}`, { headers: { host } })).status).toBe(200);
  });

  test('it listens on loopback alone', async () => {
    const port = Number(new URL(client.origin).port);
    const outside = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of outside) {
      const refused = await new Promise((resolve) => {
        const socket = connect({ host: address, port }, () => resolve('connected'));
        socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      expect(refused).toBe('ECONNREFUSED');
    }
  });

  test('the link for the command that opens a browser works once', async () => {
    const server = await startPageServer({ fleet: fleet, names: new FleetNames(), settings: undefined }, 0);
    onTestFinished(() => server.close());
    const opening = server.openingLink();
    const other = new PageClient(server.link);
    expect(opening).not.toContain(other.token);
    const path = new URL(opening).pathname;
    const first = await other.raw(path);
    expect([first.status, first.headers.location]).toEqual([303, `/?token=${other.token}`]);
    expect((await other.raw(path)).status).toBe(404);
    expect((await other.raw('/open/undefined')).status).toBe(404);
  });
});

describe('the page', () => {
  test('is one answer, which runs and loads nothing but itself', async () => {
    const { headers, body } = await client.raw(`/?token=${client.token}`);
    const [, script = ''] = /<script>([^]*)<\/script>/.exec(body) ?? [];
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(body) ?? [];
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; connect-src 'self'; img-src data:; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    );
    expect(body.match(/<script/g)).toHaveLength(1);
    expect(body).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test.each(['/', '/api/messages?device=kitchen', '/nothing'])('%s allows no frame and no sniffing', async (path) => {
    const { headers } = await client.raw(path);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test.each([
    ['POST', '/', 405, 'GET'],
    ['DELETE', '/api/messages', 405, 'GET'],
    ['POST', '/api/messages', 405, 'GET'],
    ['GET', '/api/command', 405, 'POST'],
    ['PUT', '/api/revocation', 405, 'GET, POST'],
    ['POST', '/api/events', 405, 'GET'],
    ['OPTIONS', '/api/command', 405, 'POST'],
    ['GET', '/nothing', 404, undefined],
    ['GET', '/api/nothing', 404, undefined],
    ['GET', '/api/__proto__', 404, undefined],
    ['GET', '/api/constructor', 404, undefined],
    ['GET', '/../etc/passwd', 404, undefined],
    ['GET', '//evil.example/', 404, undefined],
  ])('%s %s is %i', async (method, path, status, allow) => {
    const answer = await client.api(path, { method });
    expect([answer.status, answer.headers.allow]).toEqual([status, allow]);
  });
});

/** What comes first of a type. */
async function first<Type extends ServerEvent['type']>(type: Type): Promise<Extract<ServerEvent, { type: Type }>> {
  for await (const event of client.events()) {
    if (event.type === type) return event as Extract<ServerEvent, { type: Type }>;
  }
  throw new Error(`no ${type}`);
}

describe('what it tells', () => {
  test('every device with its state, its certificate, how its session ended, and nothing of its key', async () => {
    storedFor('home/kitchen/1', { key: 'KEY', certificate: certificateOf('a') });
    const { cloud, devices } = await first('fleet');
    expect(cloud).toMatch(/^local cloud at 127\.0\.0\.1:\d+$/);
    expect(devices).toMatchObject([
      {
        device: 'kitchen',
        site: 'home',
        board: 'esp8266',
        commandTopic: 'cmd/rtjm/kitchen',
        revoked: false,
        deployed: true,
        connected: false,
        disconnected: { since: 1_700_000_000_000, reason: 'AUTH_ERROR' },
        certificates: [{ id: 'a'.repeat(64), status: 'ACTIVE', expires: Date.parse('2049-12-31T23:59:59Z') }],
        disagreements: [],
      },
      { device: 'shed' },
    ]);
    expect(JSON.stringify(devices)).not.toMatch(/KEY|PEM/);
  });

  test('the devices of a list are not told of, which is said, and nothing is wrong with their site', async () => {
    writeFileSync(join(fleet, 'meters.yaml'), 'list: meters.csv\n');
    writeFileSync(join(fleet, 'meters.csv'), 'name,board\nmeter-1,esp32\n');
    siteDeployed('meters', []);
    const { devices, leftOut } = await first('fleet');
    expect(devices.map(({ device }) => device)).toEqual(['kitchen', 'shed']);
    expect(devices.flatMap(({ disagreements }) => disagreements)).toEqual([]);
    expect(leftOut).toBe('The devices of meters.csv are not on this page; see: bin/fleet list');
    expect((await first('problems')).problems).toEqual([]);
  });

  test('whether devices are connected is unknown where AWS does not allow to ask; all else is there', async () => {
    iotData.on(GetConnectionCommand).rejects(Object.assign(new Error('null'), { name: 'ForbiddenException' }));
    const { devices } = await first('fleet');
    expect(devices).toMatchObject([{ device: 'kitchen', deployed: true }, { device: 'shed' }]);
    for (const device of devices) expect(device).not.toHaveProperty('connected');
    let problems: readonly string[] = [];
    for await (const event of client.events()) {
      if (event.type === 'problems') problems = event.problems;
      if (problems.length > 0) break;
    }
    expect(problems).toContain(
      'not known: whether devices are connected; AWS does not allow this user iot:GetConnection',
    );
  });

  test('nothing of what was known to those who looked before: it may be long past', async () => {
    const watch = new Watch({ fleet, names: new FleetNames(), settings: undefined });
    const seen: ServerEvent[] = [];
    const types = () => seen.map(({ type }) => type);
    const stop = watch.listen((event) => void seen.push(event));
    await expect.poll(types).toContain('fleet');
    await expect.poll(types).toContain('watch');
    stop();
    seen.length = 0;
    const stopAgain = watch.listen((event) => void seen.push(event));
    expect(seen).toEqual([{ type: 'problems', problems: [] }]);
    await expect.poll(types).toContain('fleet');
    stopAgain();
  });

  test('rows as they land, with what has been the newest before', async () => {
    await table.put(row('shed', 1_700_000_000_000, { temperature: N(20) }));
    const events = client.events();
    const received: Message[] = [];
    const more = async (count: number) => {
      while (received.length < count) {
        const { value: event } = (await events.next()) as { value: ServerEvent };
        if (event.type === 'messages') received.push(...event.messages.filter(({ device }) => device === 'shed'));
      }
    };
    await more(1);
    expect(received[0]).toEqual({
      device: 'shed',
      arrival: '1700000000000#0',
      received: 1_700_000_000_000,
      topic: 'rtjm/shed/telemetry',
      text: '{"temperature":20}',
      values: [['temperature', 20]],
    });
    await table.put(row('shed', 1_700_000_001_000, { door: { BOOL: true } }));
    await more(2);
    expect(received.at(-1)?.values).toEqual([['door', true]]);
    await events.return(undefined);
  });

  test('one question that the cloud does not answer leaves the others, with the reason', async () => {
    // The endpoint of this test is a DynamoDB, which knows of no queues, alarms and logs.
    const { alarms, deadLetters, denials } = await first('watch');
    for (const each of [alarms, deadLetters, denials]) expect(each).toEqual({ unknown: expect.any(String) as string });
  });

  test('a fleet file that is wrong is a line, and not the end', async () => {
    const broken = temporaryFleet({ 'home.yaml': 'devices:\n  kitchen: { board: esp99 }\n' });
    const server = await startPageServer({ fleet: broken, names: new FleetNames(), settings: undefined }, 0);
    onTestFinished(() => server.close());
    client = new PageClient(server.link);
    for await (const event of client.events()) {
      if (event.type !== 'problems' || event.problems.length === 0) continue;
      expect(event.problems[0]).toMatch(/home\.yaml:2: board "esp99" is not known/);
      return;
    }
  });
});

describe('what a device sent', () => {
  const HOSTILE = '<img src=x onerror=alert(1)>';
  const stored: Row = {
    [HOSTILE]: N(1),
    toString: N(2),
    constructor: { M: { prototype: N(3), 'a.b': N(4) } },
    list: { L: [N(5), { M: { deep: N(6) } }, { S: 'text' }] },
    text: { S: '</script><script>alert(1)</script>\u001b[31m' },
    nothing: { NULL: true },
  };

  test('any name is a name, and a nested number has its path', async () => {
    await table.put(row('hostile', 1_700_000_000_000, stored));
    const { body } = await client.api('/api/messages?device=hostile');
    const [message] = JSON.parse(body) as Message[];
    expect(message?.values).toEqual([
      [HOSTILE, 1],
      ['constructor.prototype', 3],
      ['constructor."a.b"', 4],
      ['list[0]', 5],
      ['list[1].deep', 6],
      ['toString', 2],
    ]);
    expect(message?.text.length).toBeLessThan(310);
  });

  test('a message in full: as sent, and as stored, to the last digit', async () => {
    const digits = '12345678901234567890123456789012345678';
    await table.put(row('full', 1_700_000_000_000, { big: N(digits) }));
    const { body } = await client.api('/api/message?device=full&arrival=1700000000000%230');
    expect(JSON.parse(body)).toEqual({
      payload: `{"big":${digits}}`,
      remark: 'Put together from the columns, which keep no order.',
      columns: [
        ['received', 'N', '1700000000000'],
        ['device', 'S', '"full"'],
        ['full_topic', 'S', '"rtjm/full/telemetry"'],
        ['arrival', 'S', '"1700000000000#0"'],
        ['big', 'N', digits],
      ],
    });
  });

  test.each([
    ['{"device":"other","b":1,  "a":2}', '{"device":"other","b":1,  "a":2}', undefined],
    ['', '', 'An empty message.'],
    [Buffer.from([0xff, 0x00]), 'ff00', 'No text, but 2 bytes, in hexadecimal digits.'],
  ])('what is kept whole is shown as it was sent: %j', async (payload, shown, remark) => {
    const raw = Buffer.from(payload as string).toString('base64');
    await table.put(row('whole', 1_700_000_000_000, { raw: { S: raw } }));
    const { body } = await client.api('/api/message?device=whole&arrival=1700000000000%230');
    const details = JSON.parse(body) as MessageDetails;
    expect([details.payload, details.remark]).toEqual([shown, remark]);
    expect(details.columns.at(-1)).toEqual(['raw', 'S', JSON.stringify(raw)]);
  });

  test('messages go back in time, page by page, each once', async () => {
    await table.put(
      ...Array.from({ length: 120 }, (_, index) => row('pages', 1_700_000_000_000 + index, { n: N(index) })),
    );
    const seen: number[] = [];
    for (let before = ''; ;) {
      const query = before === '' ? '' : `&before=${encodeURIComponent(before)}`;
      const page = JSON.parse((await client.api(`/api/messages?device=pages${query}`)).body) as Message[];
      if (page.length === 0) break;
      seen.push(...page.map(({ values }) => Number(values[0]?.[1])));
      before = page.at(-1)?.arrival ?? '';
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, index) => 119 - index));
  });

  test('a reading stands where it was taken, in curves and in lists', async () => {
    const since = 1_700_000_000_000;
    const late = (received: number, age: number, degrees: number) => ({
      ...row('late', received, { t: N(degrees), age: N(age) }),
      measured: N(received - age),
    });
    await table.put(
      late(since, 1, 1), // taken before
      late(since + 10, 4, 2),
      late(since + 3_000_000, 2_999_995, 3), // arrived after
      late(since + 3_000_001, 1, 4), // taken after
    );
    const { body } = await client.api(`/api/curves?device=late&since=${since}&until=${since + 1_000}`);
    const { fields, first, newest } = JSON.parse(body) as Curves;
    expect(fields).toEqual([{ field: 't', times: [since + 5, since + 6], values: [3, 2], isBoolean: false }]);
    expect([first, newest]).toEqual([since - 1, since + 10]);
    const messages = JSON.parse((await client.api('/api/messages?device=late')).body) as Message[];
    expect(messages[1]).toMatchObject({ received: since + 3_000_000, measured: since + 5, values: [['t', 3]] });
  });

  test('curves keep every spike, whatever they leave out', async () => {
    // Three rows a window: 15,000 rows would take long here, so the span is as long as 5,000 windows of 3 ms.
    const since = 1_700_000_000_000;
    const values = Array.from({ length: 90 }, (_, index) => (index === 40 ? 99 : index === 41 ? -99 : 20));
    await table.put(
      ...values.map((value, index) => row('spiky', since + index, { t: N(value), on: { BOOL: index > 50 } })),
    );
    const { body } = await client.api(`/api/curves?device=spiky&since=${since}&until=${since + 15_000}`);
    const { fields, left, first } = JSON.parse(body) as Curves;
    expect([left, first]).toEqual([0, since]);
    const [on, t] = fields;
    expect([on?.field, on?.isBoolean, t?.field, t?.isBoolean]).toEqual(['on', true, 't', false]);
    expect(t?.times.length).toBeLessThan(90);
    expect(t?.times).toEqual([...(t?.times ?? [])].sort((a, b) => a - b));
    expect(t?.values[t.times.indexOf(since + 40)]).toBe(99);
    expect(t?.values[t.times.indexOf(since + 41)]).toBe(-99);
    expect(new Set(on?.values)).toEqual(new Set([0, 1]));
  });

  test.each([
    '/api/curves?device=kitchen',
    '/api/curves?device=kitchen&since=2&until=1',
    '/api/curves?device=kitchen&since=0&until=x',
    '/api/curves?device=kitchen&since=-1&until=1',
    '/api/curves?device=Kitchen&since=0&until=1',
    '/api/messages?device=../x',
    '/api/messages?device=kitchen&more=1',
    '/api/message?device=kitchen',
  ])('%s is refused with a line', async (path) => {
    const { status, body } = await client.api(path);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toEqual({ error: expect.stringMatching(/^.+$/) as string });
  });
});

describe('what it does', () => {
  const text = () => readFileSync(join(fleet, 'home.yaml'), 'utf8');

  test('sends a command, and says what becomes of it', async () => {
    iotData.on(GetConnectionCommand).resolves({ connected: true });
    const { status, body } = await client.post('/api/command', {
      device: 'kitchen',
      levels: 'settings',
      payload: '{"every":60}',
    });
    expect([status, JSON.parse(body)]).toEqual([
      200,
      { topic: 'cmd/rtjm/kitchen/settings', fate: 'sent', text: 'kitchen is connected: the command is on its way' },
    ]);
    const [call] = iotData.commandCalls(PublishCommand);
    expect(call?.args[0].input).toMatchObject({ topic: 'cmd/rtjm/kitchen/settings', qos: 1 });
  });

  test.each([
    [{ device: 'kitchen', levels: 'a', payload: '{' }, 400, /not JSON/],
    [{ device: 'kitchen', levels: '#', payload: '{}' }, 400, /without \+ and #/],
    [{ device: 'attic', levels: 'a', payload: '{}' }, 422, /no device "attic"/],
    [{ device: 'kitchen', levels: 'a/'.repeat(8) + 'b', payload: '{}' }, 422, /too long a topic/],
    [{ device: 'kitchen', payload: '{}' }, 400, /levels/],
  ])('%j is refused', async (body, status, error) => {
    const answer = await client.post('/api/command', body);
    expect(answer.status).toBe(status);
    expect((JSON.parse(answer.body) as { error: string }).error).toMatch(error);
    expect(iotData.commandCalls(PublishCommand)).toEqual([]);
  });

  test('says what a revocation would do, and does it once the name is typed', async () => {
    const asked = await client.api('/api/revocation?device=kitchen');
    expect(JSON.parse(asked.body)).toEqual({
      cloud: expect.stringMatching(/^local cloud at 127\.0\.0\.1:\d+$/) as string,
      plan: [
        'revoke certificate aaaaaaaa (ACTIVE)',
        'end the session of kitchen',
        `write "revoked: true" into ${join(fleet, 'home.yaml')}`,
      ],
    });
    expect(iot.commandCalls(UpdateCertificateCommand)).toEqual([]);

    const { status, body } = await client.post('/api/revocation', { device: 'kitchen', confirm: 'kitchen' });
    expect([status, JSON.parse(body)]).toEqual([
      200,
      {
        steps: [
          'certificate aaaaaaaa is REVOKED',
          'kitchen is not connected',
          `${join(fleet, 'home.yaml')} says revoked: true; commit it`,
        ],
      },
    ]);
    expect(text()).toBe(FILE.replace('{ board: esp8266 }', '{ board: esp8266, revoked: true }'));
  });

  test.each(['', 'shed', 'Kitchen', 'kitchen '])('a revocation confirmed with %j does nothing', async (confirm) => {
    const { status } = await client.post('/api/revocation', { device: 'kitchen', confirm });
    expect(status).toBe(400);
    expect(iot.commandCalls(UpdateCertificateCommand)).toEqual([]);
    expect(text()).toBe(FILE);
  });

  test.each([
    ['text/plain', '{"device":"kitchen","confirm":"kitchen"}', /application\/json/],
    ['application/json', '{', /no JSON/],
    ['application/json', `"${'x'.repeat(400_000)}"`, /too long/],
  ])('a body of %s that is not one of the page changes nothing', async (type, body, error) => {
    const answer = await client.api('/api/revocation', { method: 'POST', headers: { 'content-type': type }, body });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatch(error);
    expect(iot.commandCalls(UpdateCertificateCommand)).toEqual([]);
  });
});

import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeCertificateCommand,
  type DescribeCertificateCommandInput,
  DescribeThingCommand,
  ListAttachedPoliciesCommand,
  ListPrincipalThingsCommand,
  ListThingPrincipalsCommand,
  type ListThingPrincipalsCommandInput,
} from '@aws-sdk/client-iot';
import { PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { newRequest } from '../../lib/fleet/certificate-requests.ts';
import { inTemporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { iot, iotData, siteDeployed, stored, telemetryDeployed } from '../deployed.ts';
import { connectedBy, doubles, dynamoDB } from '../doubles.ts';
import { runFleet } from '../run-fleet.ts';

/* `fleet rotate --all`: a wave of the devices whose identities are too old, and its end. */

const request = await newRequest();
const DAY = 86_400_000;

/** A certificate that stands for a generation of a device. */
const idOf = (device: string, generation: number) =>
  createHash('sha256').update(`${device} ${generation}`).digest('hex');
const arnOf = (id: string) => `arn:aws:iot:eu-west-1:111122223333:cert/${id}`;
/** The devices of certificates, and their ages in days. */
const certificates = new Map<string, { readonly device: string; readonly days: number; readonly status: string }>();

/** A generation of a device is deployed. */
function has(device: string, days: number, generation = 1, status = 'ACTIVE'): void {
  const id = idOf(device, generation);
  certificates.set(id, { device, days, status });
  stored(`home/${device}/${generation}`, {
    key: 'KEY',
    certificate: { certificateId: id, certificateArn: arnOf(id), certificatePem: 'PEM' },
  });
}

beforeEach(() => {
  doubles();
  certificates.clear();
  telemetryDeployed({ UsedIdentitiesTableName: 'used' });
  iot.on(ListThingPrincipalsCommand).callsFake(({ thingName }: ListThingPrincipalsCommandInput) => ({
    principals: [...certificates].filter(([, { device }]) => device === thingName).map(([id]) => arnOf(id)),
  }));
  iot.on(DescribeCertificateCommand).callsFake(({ certificateId = '' }: DescribeCertificateCommandInput) => {
    const { days = 0, status } = certificates.get(certificateId) ?? {};
    const creationDate = new Date(Date.now() - days * DAY);
    return { certificateDescription: { certificateId, certificateArn: arnOf(certificateId), status, creationDate } };
  });
  const deviceIn = (arn = '') => certificates.get(arn.replace(/^.*\//, ''))?.device ?? '';
  iot
    .on(ListPrincipalThingsCommand)
    .callsFake(({ principal }: { principal: string }) => ({ things: [deviceIn(principal)] }));
  iot
    .on(ListAttachedPoliciesCommand)
    .callsFake(({ target }: { target: string }) => ({ policies: [{ policyName: deviceIn(target) }] }));
  dynamoDB.on(GetItemCommand).resolves({});
  inTemporaryFleet({ 'a.csr': request, [FILE]: '' });
});

const FILE = 'fleet/home.yaml';
const text = () => readFileSync(FILE, 'utf8');
function fleetSays(devices: Readonly<Record<string, string>>): void {
  writeFileSync(
    FILE,
    ['devices:', ...Object.entries(devices).map(([name, keys]) => `  ${name}: { board: ${keys} }`), ''].join('\n'),
  );
  siteDeployed('home', Object.keys(devices));
}
const rotateAll = (...argv: string[]) => runFleet(['rotate', '--all', ...argv]);
const year = (...argv: string[]) => rotateAll('--older-than', '1y', ...argv);
const thingSays = (thingName: string, attributes: Record<string, string>) =>
  iot.on(DescribeThingCommand, { thingName }).resolves({ attributes });
const connected = (device: string, generation: number) => connectedBy(device, idOf(device, generation));

test('a wave: every device whose identity is older, by the age of its certificate, and no other', async () => {
  fleetSays({
    young: 'esp32',
    old: 'esp8266',
    older: 'esp32, generations: [4]',
    vault: 'esp32, csr: a.csr',
    gone: 'esp32, revoked: true',
    fresh: 'esp32', // not deployed
  });
  has('young', 364);
  has('old', 366);
  has('older', 800, 4);
  has('vault', 700);
  has('gone', 900);
  const before = text();
  const said = (dry: boolean) =>
    expect.stringMatching(
      new RegExp(
        '^local cloud at .*\n' +
          'device  site  made +age +rotation *\n' +
          'older +home  20.*  800 d ago  this wave *\n' +
          'vault +home  20.*  700 d ago  has a csr *\n' +
          'old +home  20.*  366 d ago  this wave *\n' +
          'Next:\n' +
          (dry
            ? ''
            : '  commit it, and deploy it: npx cdk deploy --all\n' +
              '  flash each board that has a cable with its new identity, such as: bin/fleet flash older\n' +
              '  take the old identities away: bin/fleet rotate --all --finish\n') +
          '  what has a csr rotates alone: bin/fleet rotate vault --csr FILE, or --local-key\n$',
      ),
    ) as string;
  expect(await year('--dry-run')).toEqual({ code: 0, stdout: said(true), stderr: '' });
  expect(text()).toBe(before);
  expect(await year()).toEqual({ code: 0, stdout: said(false), stderr: '' });
  expect(text()).toBe(
    before.replace('old: { board: esp8266', 'old: { board: esp8266, generations: [1, 2]').replace('[4]', '[4, 5]'),
  );
});

test('as many as the site has room for; the next wave begins when all of this one have finished', async () => {
  const names = Array.from({ length: 164 }, (_, index) => `d${index}`);
  fleetSays(Object.fromEntries(names.map((name) => [name, 'esp32'])));
  for (const [index, name] of names.entries()) has(name, 1_000 - index);
  // 500 resources, less 4 and 3 a device: room for four.
  const { stdout } = await year('--json');
  const parts = () => JSON.parse(stdout) as { device: string; rotation: string }[];
  expect(
    parts()
      .filter(({ rotation }) => rotation === 'this wave')
      .map(({ device }) => device),
  ).toEqual(['d0', 'd1', 'd2', 'd3']);
  expect(parts().filter(({ rotation }) => rotation === 'next wave')).toHaveLength(160);
  expect(text().match(/generations: \[1, 2\]/g)).toHaveLength(4);

  const wave = text();
  for (const name of ['d0', 'd1', 'd2', 'd3']) has(name, 0, 2);
  for (const name of ['d0', 'd1', 'd2']) connected(name, 2);
  await rotateAll('--finish');
  const next = await year();
  expect(next.stdout).toMatch(/^d3 +home .* still rotates *$/m);
  expect(next.stdout).not.toContain('this wave');
  expect(next.stdout).toContain(
    '  once these have finished, begin the next wave, of 160 devices: this command again\n',
  );
  expect(text()).toBe(wave.replaceAll(/(d[012]: .*)\[1, 2\]/g, '$1[2]'));

  connected('d3', 2);
  await rotateAll('--finish');
  expect((await year('--at-most', '2')).stdout.match(/this wave/g)).toHaveLength(2);
  expect(text().match(/generations: \[1, 2\]/g)).toHaveLength(2);
});

test('what is written, be it by this command, is to be deployed first', async () => {
  fleetSays({ old: 'esp32', written: 'esp32, generations: [1, 2]' });
  has('old', 400);
  has('written', 0);
  const deploy = '  commit it, and deploy it: npx cdk deploy --all\n  flash each board';
  const { stdout } = await year();
  expect(stdout).toMatch(/^old +home .* next wave *$/m);
  expect(stdout).toMatch(/^written +home .* still rotates *$/m);
  expect(stdout).toContain(`Next:\n${deploy}`);
  has('written', 0, 2);
  expect((await year()).stdout).toContain('Next:\n  flash each board');
});

test('stops at a device that cannot rotate, and writes nothing', async () => {
  fleetSays({ good: 'esp32', bad: 'esp32' });
  has('good', 500);
  has('bad', 400);
  siteDeployed('home', ['good']); // a thing that the stack does not have
  const before = text();
  expect(await year()).toEqual({
    code: 1,
    stdout: '',
    stderr: 'fleet: device "bad" is not deployed; run: npx cdk deploy --all\n',
  });
  expect(text()).toBe(before);
});

test('a board that makes its key gets a higher generation, and is told by the same command once that is deployed', async () => {
  fleetSays({ attic: 'esp32, key: board' });
  has('attic', 400);
  const file = text();
  thingSays('attic', { wants: '1', has: `1:${idOf('attic', 1)}` });
  const { stdout } = await year();
  expect(text()).toBe(file.replace('key: board', 'key: board, generations: [2]'));
  expect(stdout).toMatch(/this wave[^]*tell the other boards: this command again\n$/);
  expect(iotData.calls()).toEqual([]);

  // Not deployed yet.
  expect((await year()).stdout).toMatch(
    /attic .* still rotates *\nNext:\n {2}commit it, and deploy it: .*\n {2}tell the other boards: this command again\n$/,
  );
  expect(iotData.calls()).toEqual([]);
  thingSays('attic', { wants: '2', has: `1:${idOf('attic', 1)}` });
  expect((await year('--dry-run')).stdout).toContain('would tell 1 board to make a new key');
  expect(iotData.calls()).toEqual([]);
  expect((await year()).stdout).toContain('told 1 board to make a new key');
  expect(iotData.commandCalls(PublishCommand)[0]?.args[0].input.topic).toBe('cmd/rtjm/attic/identity/rotate');
  certificates.clear();
  has('attic', 0, 2);
  thingSays('attic', { wants: '2', has: `2:${idOf('attic', 2)}` });
  expect((await year()).stdout).toContain('no device has an identity that is older, and none still rotates\n');
});

test('the devices of a list get higher generations in one edit, however many they are', async () => {
  const names = Array.from({ length: 400 }, (_, index) => `meter-${index}`);
  writeFileSync(FILE, 'list: meters.csv\n');
  writeFileSync('fleet/meters.csv', ['name,board', ...names.map((name) => `${name},esp32`), ''].join('\n'));
  for (const [index, name] of names.entries()) {
    if (index > 0) has(name, index < 300 ? 400 : 10);
  }
  dynamoDB.on(GetItemCommand).callsFake(({ Key: { device } }: { Key: { device: { S: string } } }) => ({
    Item: { device, wants: { S: '1' }, has: { S: `1:${idOf(device.S, 1)}` } },
  }));
  const { stdout } = await year();
  expect(stdout.match(/meter-\d+ .* this wave/g)).toHaveLength(299);
  const lines = readFileSync('fleet/meters.csv', 'utf8').split('\n');
  expect(lines.filter((line) => line.endsWith(',2'))).toHaveLength(299);
  expect([lines[1], lines[2], lines[300], lines[301]]).toEqual([
    'meter-0,esp32,',
    'meter-1,esp32,2',
    'meter-299,esp32,2',
    'meter-300,esp32,',
  ]);
});

test('--finish takes the older generation of each that has used its newest, and names the others', async () => {
  const two = 'esp32, generations: [1, 2]';
  fleetSays({ used: two, old: two, inactive: two, alone: 'esp32' });
  for (const name of ['used', 'old', 'inactive']) has(name, 400);
  has('alone', 400);
  has('used', 1, 2);
  has('old', 1, 2);
  has('inactive', 1, 2, 'INACTIVE');
  connected('used', 2);
  connected('old', 1);
  const before = text();
  const dry = await rotateAll('--finish', '--dry-run');
  expect(dry.stdout).toContain(`✓ ${FILE} would say generations: [2] of used\n`);
  expect(text()).toBe(before);
  const { code, stdout, stderr } = await rotateAll('--finish');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const short = (device: string, generation: number) => idOf(device, generation).slice(0, 8);
  expect(stdout).toMatch(
    new RegExp(
      `^local cloud at .*\n✓ ${FILE} says generations: \\[2\\] of used\n` +
        `! old connected last by certificate ${short('old', 1)} \\(.*\\), and not by its newest identity, ${short('old', 2)}\n` +
        `! the identity of generation 2 of inactive has certificate ${short('inactive', 2)}, which is INACTIVE, so the one before stays; see: bin/fleet doctor\n` +
        'Next:\n  commit it, and deploy it: npx cdk deploy --all; then boards that still use an older identity cannot connect any more\n$',
    ),
  );
  expect(text()).toBe(
    before.replace('used: { board: esp32, generations: [1, 2]', 'used: { board: esp32, generations: [2]'),
  );
  const none = await rotateAll('--finish', '--json'); // of those that are left
  expect(none).toMatchObject({ code: 1, stderr: '' });
  expect((await rotateAll('--finish', '--dry-run')).code).toBe(1);
  expect(JSON.parse(none.stdout)).toMatchObject([
    { site: 'home', device: 'old', finished: false, doubt: expect.stringContaining('connected last') as string },
    { site: 'home', device: 'inactive', finished: false },
  ]);
});

test('--finish with nothing to finish is no failure', async () => {
  fleetSays({ alone: 'esp32' });
  has('alone', 400);
  expect(await rotateAll('--finish')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('no device has a generation beside its newest one\n') as string,
  });
});

test.each([
  [[], 'name a device, or say --all'],
  [['old', '--all', '--older-than', '1y'], '--all is for every device, and old is one'],
  [['--all'], '--all needs --older-than TIME, such as 1y, or --finish'],
  [['old', '--older-than', '1y'], '--older-than, --at-most, --dry-run and --json go with --all'],
  [['--all', '--finish', '--older-than', '1y'], '--all --finish goes without --older-than, --at-most and --yes'],
  [['--all', '--finish', '--yes'], '--all --finish goes without --older-than, --at-most and --yes'],
  [['--all', '--older-than', '1y', '--yes'], '--yes goes with --finish'],
  [
    ['--all', '--older-than', 'old'],
    "option '--older-than <time>' argument 'old' is invalid. Allowed: such as 30s, 10m, 1h, 1d, 1y",
  ],
  [
    ['--all', '--older-than', '1y', '--at-most', '0'],
    "option '--at-most <number>' argument '0' is invalid. Allowed: a whole number from 1 on",
  ],
  [['--all', '--csr', 'a.csr'], "option '--csr <file>' cannot be used with option '--all'"],
])('refused: %j', async (argv, problem) => {
  fleetSays({ old: 'esp32' });
  const before = text();
  expect(await runFleet(['rotate', ...argv])).toEqual({
    code: 1,
    stdout: '',
    stderr: `fleet: ${problem}; see: bin/fleet rotate --help\n`,
  });
  expect(text()).toBe(before);
});

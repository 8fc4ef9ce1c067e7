import { GetConnectionCommand, ResourceNotFoundException } from '@aws-sdk/client-iot-data-plane';
import {
  DescribeCertificateCommand,
  GetPolicyCommand,
  ListCertificatesCommand,
  ListPoliciesCommand,
  ListThingsCommand,
  UnauthorizedException,
} from '@aws-sdk/client-iot';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import {
  attached,
  certificateArn,
  certificateId,
  iot,
  iotData,
  siteDeployed,
  stackThere,
  thingHas,
} from '../deployed.ts';
import { doubles } from '../doubles.ts';
import { runFleet } from '../run-fleet.ts';

const HOME = '# mine\ndevices:\n  shed: { board: esp8266 } # by the gate\n';
const WIDE = '{"Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}';
let folder: string;

beforeEach(() => {
  doubles();
  vi.useFakeTimers({ now: new Date('2026-03-01T12:00:00Z'), toFake: ['Date'] });
  iotData.rejects(new ResourceNotFoundException({ message: 'nobody', $metadata: {} }));
  folder = temporaryFleet({ 'home.yaml': HOME });
  siteDeployed('home', ['shed'], 'f');
  iot.on(ListPoliciesCommand).resolves({ policies: [{ policyName: 'wide' }, { policyName: 'shed' }] });
  iot.on(ListThingsCommand).resolves({ things: ['kitchen', 'shed', 'attic'].map((thingName) => ({ thingName })) });
  iot.on(ListCertificatesCommand).resolves({
    certificates: [...'abcf'].map((digit) => ({ certificateId: certificateId(digit), status: 'ACTIVE' as const })),
  });
  iot.on(GetPolicyCommand, { policyName: 'wide' }).resolves({ policyDocument: WIDE });
  thingHas('kitchen', { a: 'ACTIVE' });
  thingHas('attic', { b: 'ACTIVE', c: 'ACTIVE' });
  attached('a', ['kitchen'], ['wide']);
  attached('b', ['attic'], ['wide']);
  attached('c', ['attic'], []);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const importing = (...argv: string[]) => runFleet(['import', ...argv, '--fleet', folder]);
const homeFile = () => readFileSync(join(folder, 'home.yaml'), 'utf8');

test('shows what the fleet has not made, and where it is connected from', async () => {
  iotData.on(GetConnectionCommand, { clientId: 'kitchen' }).resolves({
    connected: true,
    connectedSince: new Date('2026-03-01T11:55:00Z').getTime(),
    sourceIp: '192.0.2.7',
  });
  const { code, stdout, stderr } = await importing();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(`thing    certificate  status  policies  connected                  can be taken over
attic    bbbbbbbb     ACTIVE  wide      -                          no
         cccccccc     ACTIVE  -
kitchen  aaaaaaaa     ACTIVE  wide      since 5 min ago 192.0.2.7  yes
! attic: it has 2 certificates; add --certificate and the one that its board has: bbbbbbbb, cccccccc
2 things beside the fleet, 1 can be taken over: bin/fleet import THING... --board BOARD
`);
  expect(homeFile()).toBe(HOME);
});

describe('another fleet of the account', () => {
  beforeEach(() => {
    stackThere('fleet-dev-site-home', 'UPDATE_COMPLETE');
    iot
      .on(ListPoliciesCommand)
      .resolves({ policies: ['dev_kitchen', 'dev_attic'].map((policyName) => ({ policyName })) });
    iot
      .on(ListThingsCommand)
      .resolves({ things: ['shed', 'dev_kitchen', 'dev_attic'].map((thingName) => ({ thingName })) });
    thingHas('dev_attic', { d: 'ACTIVE' });
    attached('d', ['dev_attic'], ['dev_attic']);
  });

  test('is no stranger: its things and certificates are named as its own', async () => {
    iot.on(ListCertificatesCommand).resolves({
      certificates: [...'df'].map((digit) => ({ certificateId: certificateId(digit), status: 'ACTIVE' as const })),
    });
    expect((await importing()).stdout).toBe('2 devices of the fleet "dev": not shown\n0 things beside the fleet\n');
  });

  test('keeps its devices', async () => {
    const { code, stderr } = await importing('dev_kitchen', '--board', 'esp32');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'fleet: the thing "dev_kitchen" is a device of the fleet "dev"\n',
    });
  });
});

test('on a narrow terminal does without what matters least', async () => {
  const { stdout } = await runFleet(['import', '--fleet', folder], { columns: 60 });
  expect(stdout.split('\n')[0]?.trim()).toBe('thing    certificate  status  policies  can be taken over');
});

test('as JSON, with the same', async () => {
  const { stdout } = await importing('--json');
  const a = { id: certificateId('a'), status: 'ACTIVE', things: ['kitchen'], policies: ['wide'] };
  expect(JSON.parse(stdout)).toMatchObject({
    things: [{ thing: 'attic' }, { thing: 'kitchen', certificates: [a], certificate: a.id }],
    certificates: [],
  });
});

test('writes the entry of a thing, comments kept, with what its certificate keeps', async () => {
  const { code, stdout } = await importing('kitchen', '--board', 'esp32');
  expect(code).toBe(0);
  expect(homeFile()).toBe(
    `${HOME}  kitchen: { board: esp32, certificate: ${certificateId('a')}, policies: [ wide ] }\n`,
  );
  expect(stdout).toBe(`✓ ${folder}/home.yaml has kitchen with certificate aaaaaaaa, which keeps wide
✓ ${folder}/policies/wide.json says what that policy allows, for: bin/fleet review
Next:
  commit ${folder}/home.yaml, ${folder}/policies/wide.json, and see what a deployment would do: bin/fleet review
  take them over: npx cdk deploy --all --import-existing-resources
  once the boards connect by the names of their things and publish below rtjm/DEVICE/,
  take their policies out of the entries, and run: npx cdk deploy --all
`);
});

test('writes down what the policies allow, and changes nothing where it may not know', async () => {
  await importing('kitchen', '--board', 'esp32');
  expect(JSON.parse(readFileSync(join(folder, 'policies', 'wide.json'), 'utf8'))).toEqual(JSON.parse(WIDE));
  writeFileSync(join(folder, 'home.yaml'), HOME);
  iot.on(GetPolicyCommand, { policyName: 'wide' }).rejects(new UnauthorizedException({ message: 'no', $metadata: {} }));
  const { code, stderr } = await importing('kitchen', '--board', 'esp32');
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'fleet: AWS does not allow it: no\n' });
  expect(homeFile()).toBe(HOME);
});

test('with the certificate that somebody chose of two', async () => {
  expect((await importing('attic', '--board', 'esp32', '--certificate', 'cccccccc')).code).toBe(0);
  expect(homeFile()).toBe(`${HOME}  attic: { board: esp32, certificate: ${certificateId('c')} }\n`);
});

test('with --all, what is clear, and nothing else', async () => {
  expect((await importing('--all', '--board', 'esp32')).code).toBe(0);
  expect(homeFile()).toMatch(/kitchen/);
  expect(homeFile()).not.toMatch(/attic/);
});

describe('a certificate of another authority', () => {
  beforeEach(() => {
    iot.on(DescribeCertificateCommand, { certificateId: certificateId('a') }).resolves({
      certificateDescription: {
        certificateId: certificateId('a'),
        certificateArn: certificateArn('a'),
        status: 'ACTIVE',
        caCertificateId: 'e'.repeat(64),
      },
    });
  });

  test('is said, and not taken unasked', async () => {
    const { code, stderr } = await importing('kitchen', '--board', 'esp32');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'fleet: the thing "kitchen" cannot be taken over: certificate aaaaaaaa was issued by another certificate authority; if that is right, ' +
        'add --certificate aaaaaaaa\n',
    });
    expect(homeFile()).toBe(HOME);
  });

  test('is taken when somebody names it', async () => {
    expect((await importing('kitchen', '--board', 'esp32', '--certificate', 'aaaaaaaa')).code).toBe(0);
    expect(homeFile()).toContain(certificateId('a'));
  });
});

test.each<[string[], string]>([
  [['attic', '--board', 'esp32'], 'the thing "attic" cannot be taken over: it has 2 certificates; add --certificate'],
  [['kitchen', 'attic', '--board', 'esp32'], 'the thing "attic" cannot be taken over: it has 2 certificates'],
  [
    ['attic', '--board', 'esp32', '--certificate', 'dddddddd'],
    'it has no certificate dddddddd; there is: bbbbbbbb, cccccccc',
  ],
  [
    ['attic', '--board', 'esp32', '--certificate', 'B'],
    "option '--certificate <id>' argument 'B' is invalid. Allowed: 8 to 64",
  ],
  [['shed', '--board', 'esp32'], 'shed is a device of the fleet already ('],
  [['shad', '--board', 'esp32'], 'there is no thing "shad" beside the fleet; see: bin/fleet import'],
  [['kitchen'], 'which chip? add --board and one of: esp8266, esp32, esp32-c3, esp32-s3, esp32-c6'],
  [['--board', 'esp32'], 'which things? name them, or add --all'],
  [['kitchen', '--all', '--board', 'esp32'], '--all goes without things'],
  [['--all', '--board', 'esp32', '--certificate', 'cccccccc'], '--certificate goes with one thing'],
  [['kitchen', '--board', 'esp32', '--site', 'farm'], 'no site "farm" in'],
])('%j: one line, and nothing changes', async (argv, message) => {
  const { code, stdout, stderr } = await importing(...argv);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(`fleet: ${message}`.slice(message.startsWith('it has no') ? 7 : 0));
  expect(stderr.trim()).not.toContain('\n');
  expect(homeFile()).toBe(HOME);
});

import {
  CreateThingCommand,
  DeleteCertificateCommand,
  DescribeThingCommand,
  ListThingPrincipalsCommand,
  ListThingsCommand,
} from '@aws-sdk/client-iot';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  certificateId,
  certificateOf,
  iot,
  notThere,
  siteDeployed,
  stackThere,
  stored,
  telemetryDeployed,
  thingHas,
} from '../deployed.ts';
import { connectedBy } from '../doubles.ts';
import { attached, certificate, deleted, doctor, fleetHas, healthyFleet, policyHas, TestKey } from './fleet.ts';

/* What can be wrong with a device whose board makes its key: not that it has no certificate. */

beforeEach(() => {
  healthyFleet();
  fleetHas({ 'home.yaml': 'devices:\n  attic: { board: esp32, key: board }\n' });
  siteDeployed('home', ['attic']);
  stored('home/kitchen/1', { key: undefined, certificate: undefined });
  stored('home/shed/1', { certificate: undefined });
  deleted('a');
  thingHas('attic', {});
  policyHas('attic', []);
  wants('1');
  stored('Enrolment/1', { key: '-----BEGIN PRIVATE KEY-----\n', certificate: certificateOf('c') });
  certificate('c', 'ACTIVE');
  attached('c', ['Enrolment'], ['Enrolment']);
});

function wants(generation: string | undefined, has?: string): void {
  const attributes: Record<string, string> = {
    ...(generation !== undefined && { wants: generation }),
    ...(has !== undefined && { has: `${generation}:${has}` }),
  };
  iot.on(DescribeThingCommand, { thingName: 'attic' }).resolves({ attributes, version: 1 });
}

async function said(): Promise<{ code: number; about: string[] }> {
  const { code, stdout } = await doctor();
  return { code, about: stdout.split('\n').filter((line) => /attic|enrol/.test(line)) };
}

test('the claim, by which boards enrol, is no other certificate, and neither is that of another fleet', async () => {
  stackThere('fleet-dev-site-home', 'CREATE_COMPLETE');
  iot.on(ListThingsCommand).resolves({ things: [] });
  certificate('d', 'ACTIVE');
  attached('d', ['dev_Enrolment'], ['dev_Enrolment']);
  certificate('e', 'ACTIVE');
  attached('e', ['lamp'], []);
  expect((await doctor()).stdout).toContain('; 1 other certificate in this account, 0 devices of the fleet "dev"\n');
});

test('a device that waits for its board: a note, and how that enrols', async () => {
  expect(await said()).toEqual({
    code: 0,
    about: [expect.stringContaining('attic waits for its board; to let that enrol: bin/fleet enrol attic')],
  });
});

test('one whose board has enrolled: nothing', async () => {
  thingHas('attic', { d: 'ACTIVE' });
  policyHas('attic', ['d']);
  certificate('d', 'ACTIVE', await new TestKey().certificate('a board'));
  attached('d', ['attic'], ['attic']);
  wants('1', certificateId('d'));
  expect(await said()).toEqual({ code: 0, about: [] });
  wants('1');
  expect((await said()).about).toEqual([
    expect.stringContaining(
      'attic is to have a new key, which its board makes when it starts, or at once: bin/fleet rotate attic',
    ),
  ]);
});

test('one that has enrolled again: the certificate before, which works on', async () => {
  thingHas('attic', { d: 'ACTIVE', e: 'ACTIVE' });
  policyHas('attic', ['d', 'e']);
  for (const digit of ['d', 'e']) {
    certificate(digit, 'ACTIVE', await new TestKey().certificate('a board'));
    attached(digit, ['attic'], ['attic']);
  }
  wants('1', certificateId('e'));
  expect(await said()).toEqual({
    code: 0,
    about: [
      expect.stringContaining(
        'certificate dddddddd of attic works beside its newest one, eeeeeeee; once its board has connected by that: ' +
          `aws iot update-certificate --certificate-id ${certificateId('d')} --new-status INACTIVE`,
      ),
    ],
  });
});

describe('by which certificate its board connected last', () => {
  const connected = (digit?: string) => {
    telemetryDeployed({ UsedIdentitiesTableName: 'used' });
    connectedBy('attic', digit && certificateId(digit));
  };
  const has = async (certificates: Record<string, 'ACTIVE' | 'INACTIVE'>) => {
    thingHas('attic', certificates);
    policyHas('attic', Object.keys(certificates));
    for (const [digit, status] of Object.entries(certificates)) {
      certificate(digit, status, await new TestKey().certificate('a board'));
      attached(digit, ['attic'], ['attic']);
    }
    wants('1', certificateId('e'));
  };

  test.each(['d', undefined])(
    '%s, and not the newest one: the older one must stay, and what helps a board that never comes to the newest',
    async (digit) => {
      await has({ d: 'ACTIVE', e: 'ACTIVE' });
      connected(digit);
      expect((await said()).about).toEqual([
        expect.stringMatching(
          /the board of attic has not connected yet by its newest certificate, eeeeeeee, so dddddddd must stay; if it never does: bin\/fleet rotate attic$/,
        ),
      ]);
    },
  );

  test('the newest one: the older one can go', async () => {
    await has({ d: 'ACTIVE', e: 'ACTIVE' });
    connected('e');
    expect((await said()).about).toEqual([
      expect.stringContaining(
        `aws iot update-certificate --certificate-id ${certificateId('d')} --new-status INACTIVE`,
      ),
    ]);
  });

  test('none, of a board that was admitted and has lost the answer: a new line', async () => {
    await has({ e: 'ACTIVE' });
    connected();
    expect((await said()).about).toEqual([
      expect.stringContaining(
        'the board of attic has not connected yet by its newest certificate, eeeeeeee; if it stays away: bin/fleet enrol attic',
      ),
    ]);
    connected('e');
    expect((await said()).about).toEqual([]);
  });

  test('a certificate that was replaced before it was used is named', async () => {
    await has({ d: 'INACTIVE', e: 'ACTIVE' });
    connected('e');
    expect((await said()).about).toEqual([
      expect.stringContaining(
        'attic has ended certificates, which the cloud deletes when its board uses another one: dddddddd (INACTIVE)',
      ),
    ]);
  });
});

test.each([
  ['2', 'the thing of attic says 2, its fleet file 1; run: npx cdk deploy --all'],
  [undefined, 'the thing of attic does not say that its board enrols, its fleet file 1; run: npx cdk deploy --all'],
])('a thing that wants %s: a note', async (generation, text) => {
  wants(generation);
  expect(await said()).toEqual({ code: 0, about: [expect.stringContaining(text)] });
});

test('a generation that the deployment made before, and gave up deleting, is named and goes with --fix', async () => {
  stored('home/attic/1', { certificate: certificateOf('d') });
  certificate('d', 'ACTIVE');
  attached('d', [], []);
  const { stdout } = await doctor('--fix', '--yes');
  expect(stdout).toContain('generation 1 of attic is neither in home.yaml nor deployed, but left of it');
  expect(iot.commandCalls(DeleteCertificateCommand)[0]?.args[0].input).toEqual({ certificateId: certificateId('d') });
});

test('a thing that is gone is made again as the deployment makes it', async () => {
  iot.on(DescribeThingCommand).rejects(notThere());
  iot.on(ListThingPrincipalsCommand, { thingName: 'attic' }).rejects(notThere());
  const { stdout } = await doctor('--fix', '--yes');
  expect(stdout).toContain('make the thing attic again');
  expect(iot.commandCalls(CreateThingCommand)[0]?.args[0].input).toEqual({
    thingName: 'attic',
    attributePayload: { attributes: { wants: '1' } },
  });
});

test.each<[string, () => void, string]>([
  [
    'is not deployed',
    () => stored('Enrolment/1', { certificate: undefined }),
    'no board can enrol: fleet-enrolment is not deployed, or its claim is lost; run: npx cdk deploy --all',
  ],
  [
    'was turned off',
    () => certificate('c', 'INACTIVE'),
    'no board can enrol: the certificate of its claim is INACTIVE; to let boards enrol: aws iot update-certificate',
  ],
  [
    'is gone',
    () => deleted('c'),
    'no board can enrol: the certificate of its claim is gone; for a new one, delete fleet-enrolment and run: npx cdk deploy --all',
  ],
  [
    'has lost its policy',
    () => attached('c', ['Enrolment'], []),
    'no board can enrol: the policy Enrolment is not attached to the certificate of its claim',
  ],
])('a claim that %s: a problem', async (_, spoil, text) => {
  spoil();
  const { code, about } = await said();
  expect(code).toBe(1);
  expect(about.join('\n')).toContain(text);
});

import { CreateThingCommand, DescribeThingCommand, ListThingPrincipalsCommand } from '@aws-sdk/client-iot';
import { beforeEach, expect, test } from 'vitest';
import { certificateId, certificateOf, iot, notThere, siteDeployed, stored, thingHas } from '../deployed.ts';
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

test.each([
  ['2', 'the thing of attic says 2, its fleet file 1; run: npx cdk deploy --all'],
  [undefined, 'the thing of attic does not say that its board enrols, its fleet file 1; run: npx cdk deploy --all'],
])('a thing that wants %s: a note', async (generation, text) => {
  wants(generation);
  expect(await said()).toEqual({ code: 0, about: [expect.stringContaining(text)] });
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

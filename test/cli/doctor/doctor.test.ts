import { DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { ListPoliciesCommand, ListThingsCommand } from '@aws-sdk/client-iot';
import { stripVTControlCharacters } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  attached,
  certificate,
  changes,
  cloudFormation,
  doctor,
  doctorAsks,
  findingsIn,
  fleetHas,
  healthyFleet,
  iot,
  policyHas,
  siteDeployed,
  siteStack,
  stackThere,
  TestKey,
  thingHas,
} from './fleet.ts';

/* What `fleet doctor` prints and asks, and its exit code. What it finds stands in the tests beside this one. */

const strangerPem = await new TestKey().certificate('stranger');

beforeEach(healthyFleet);

test('nothing wrong', async () => {
  expect(await doctor()).toEqual({
    code: 0,
    stdout: 'local cloud at 127.0.0.1:1\n2 devices, nothing wrong; 0 other certificates in this account\n',
    stderr: '',
  });
});

test('a device that is not deployed yet: a note that says what to do, and so not "nothing wrong" below it', async () => {
  fleetHas({
    'home.yaml':
      'devices:\n  kitchen: { board: esp8266 }\n  shed: { board: esp32, revoked: true }\n  barn: { board: esp32 }\n',
  });
  const stdout =
    'local cloud at 127.0.0.1:1\n- barn is in home.yaml, but not deployed; run: npx cdk deploy --all\n' +
    '3 devices, no problem, 1 note; 0 other certificates in this account\n';
  expect(await doctor()).toMatchObject({ code: 0, stdout });
});

test('what another fleet of the account has is no stranger’s', async () => {
  stackThere('fleet-dev-site-home', 'UPDATE_COMPLETE');
  stackThere('fleet-dev-site-shop', 'UPDATE_COMPLETE');
  iot
    .on(ListThingsCommand)
    .resolves({ things: ['kitchen', 'dev_kitchen', 'dev_till'].map((thingName) => ({ thingName })) });
  iot.on(ListPoliciesCommand).resolves({ policies: ['dev_kitchen', 'dev_till'].map((policyName) => ({ policyName })) });
  certificate('d', 'ACTIVE', strangerPem);
  attached('d', ['dev_kitchen'], ['dev_kitchen']);
  certificate('e', 'INACTIVE', strangerPem);
  attached('e', ['dev_till'], []);
  const others = '0 other certificates in this account, 2 devices of the fleet "dev"\n';
  const stdout = `local cloud at 127.0.0.1:1\n2 devices, nothing wrong; ${others}`;
  expect(await doctor()).toMatchObject({ code: 0, stdout });
});

test('a device that stands in another fleet file than before is not taken for a thing of strangers', async () => {
  siteDeployed('farm', ['attic']);
  thingHas('attic', {});
  policyHas('attic', []);
  fleetHas({
    'home.yaml':
      'devices:\n  kitchen: { board: esp8266 }\n  shed: { board: esp32, revoked: true }\n  attic: { board: esp32 }\n',
    'farm.yaml': 'devices: {}\n',
  });
  expect(findingsIn(await doctor())).toContain(
    '✗ attic stands in home.yaml, but fleet-site-farm still has it; deploy that first, which deletes its identity: ' +
      'npx cdk deploy fleet-site-farm && npx cdk deploy --all',
  );
});

test('a problem: what it is, how to settle it, and exit code 1; nothing is changed', async () => {
  attached('a', [], ['kitchen']);
  expect(await doctor()).toEqual({
    code: 1,
    stdout:
      'local cloud at 127.0.0.1:1\n✗ certificate aaaaaaaa of kitchen is ACTIVE, but not attached to its thing; to settle it: bin/fleet doctor --fix\n' +
      '2 devices, 1 problem; 0 other certificates in this account\n',
    stderr: '',
  });
  expect(changes()).toEqual([]);
});

describe('stacks', () => {
  test.each([
    ['UPDATE_ROLLBACK_FAILED', '✗ fleet-site-home is UPDATE_ROLLBACK_FAILED; run: npx cdk rollback fleet-site-home'],
    ['DELETE_FAILED', '✗ fleet-site-home is DELETE_FAILED; run: npx cdk destroy fleet-site-home'],
    [
      'ROLLBACK_COMPLETE',
      '✗ fleet-site-home is ROLLBACK_COMPLETE: its first deployment failed, and its protection is in the way of the next ' +
        'one; run: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ' +
        'fleet-site-home && npx cdk deploy --all',
    ],
    [
      'UPDATE_IN_PROGRESS',
      '- fleet-site-home is being deployed (UPDATE_IN_PROGRESS), so some of this may be on its way',
    ],
  ] as const)('%s', async (status, line) => {
    siteStack('home', status);
    expect(findingsIn(await doctor())).toEqual([line]);
  });

  test.each(['UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'REVIEW_IN_PROGRESS'] as const)('%s', async (status) => {
    siteStack('home', status);
    expect(findingsIn(await doctor())).toEqual([]);
  });

  test('one whose fleet file is gone: its devices are known, and none of them is a leftover', async () => {
    siteDeployed('farm', ['barn']);
    thingHas('barn', {});
    expect(findingsIn(await doctor())).toContain(
      '✗ fleet-site-farm is deployed, but there is no fleet file farm.yaml; if the site is to go: ' +
        'aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name fleet-site-farm ' +
        '&& aws cloudformation delete-stack --stack-name fleet-site-farm',
    );
  });

  test('stacks of others are not asked about', async () => {
    await doctor();
    for (const { args } of cloudFormation.commandCalls(DescribeStackEventsCommand)) {
      expect(args[0].input.StackName).toContain(':stack/fleet-site-');
    }
  });
});

describe('--fix', () => {
  beforeEach(() => attached('a', [], ['kitchen']));

  test('exits 0 when all of it is fixed, and says what it has done', async () => {
    const { code, stdout } = await doctor('--fix', '--yes');
    expect(stdout).toContain('✓ done: attach certificate aaaaaaaa of kitchen to its thing\n');
    expect(code).toBe(0);
    expect(changes()).toEqual(['AttachThingPrincipal']);
  });

  test('exits 1 when something is left', async () => {
    thingHas('shed', { b: 'ACTIVE' });
    const { code, stdout } = await doctor('--fix', '--yes', '--json');
    const { findings } = JSON.parse(stdout) as { findings: object[] };
    expect(findings).toMatchObject([
      { device: 'kitchen', kind: 'problem', fixable: true, fixed: true },
      { device: 'shed', kind: 'problem', fixable: false, fixed: false },
    ]);
    expect(code).toBe(1);
  });

  test.each([
    ['y\n', 0],
    ['\n', 1],
  ])('a person is asked, and answers %j', async (answer, expected) => {
    const { code, stderr } = await doctorAsks(answer);
    expect(stripVTControlCharacters(stderr).replaceAll('\n', ' ')).toContain(
      'local cloud at 127.0.0.1:1: Shall we attach certificate aaaaaaaa of kitchen to its thing?',
    );
    expect(code).toBe(expected);
    expect(changes().length > 0).toBe(expected === 0);
  });

  test('a program is refused without --yes', async () => {
    const stderr = 'fleet: this asks for confirmation, and there is no terminal; add --yes\n';
    expect(await doctor('--fix')).toMatchObject({ code: 1, stderr });
    expect(changes()).toEqual([]);
  });

  test('is refused while a deployment is under way, which has unfinished things of its own', async () => {
    siteStack('home', 'UPDATE_IN_PROGRESS');
    const stderr = 'fleet: the site home is being deployed; wait until that is done, and try again\n';
    expect(await doctor('--fix', '--yes')).toMatchObject({ code: 1, stderr });
    expect(changes()).toEqual([]);
  });
});

test('--json has all of it, and no key', async () => {
  attached('a', [], ['kitchen']);
  const { stdout } = await doctor('--json');
  expect(JSON.parse(stdout)).toEqual({
    cloud: 'local cloud at 127.0.0.1:1',
    devices: 2,
    findings: [
      {
        device: 'kitchen',
        kind: 'problem',
        text: 'certificate aaaaaaaa of kitchen is ACTIVE, but not attached to its thing',
        fixable: true,
        fixed: false,
      },
    ],
    otherCertificates: 0,
  });
  expect(stdout).not.toContain('PRIVATE');
});

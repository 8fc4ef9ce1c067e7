import {
  AttachPolicyCommand,
  DeleteCertificateCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  ListPolicyVersionsCommand,
  ListTargetsForPolicyCommand,
} from '@aws-sdk/client-iot';
import { DeleteParameterCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  allowed,
  attached,
  certificate,
  certificateArn,
  certificateId,
  certificateOf,
  changes,
  deleted,
  doctor,
  findingsIn,
  healthyFleet,
  iot,
  kitchenHas,
  kitchenKey,
  notThere,
  policy,
  policyHas,
  siteDeployed,
  siteStack,
  ssm,
  stored,
  TestKey,
  thingHas,
} from './fleet.ts';

/* What deployments left behind: of devices that are gone, and certificates that no device owns. */

const twin = await kitchenKey.certificate('kitchen');
const namesakePem = await new TestKey().certificate('kitchen');
const atticPem = await new TestKey().certificate('attic');
const strangerPem = await new TestKey().certificate('AWS IoT Certificate');

beforeEach(() => {
  healthyFleet();
  iot.on(ListPolicyVersionsCommand).resolves({
    policyVersions: [
      { versionId: '2', isDefaultVersion: true },
      { versionId: '1', isDefaultVersion: false },
    ],
  });
});

const thingEvent = (status: string, time: string) => ({
  ResourceType: 'AWS::IoT::Thing',
  PhysicalResourceId: 'attic',
  ResourceStatus: status as 'DELETE_FAILED',
  Timestamp: new Date(time),
});
const policyEvent = (status: string, time: string) => ({
  ...thingEvent(status, time),
  ResourceType: 'AWS::IoT::Policy',
});

describe('a device whose board made its key before', () => {
  /** The deployment has made its first generation beside that. */
  const enrolledBefore = (status: string, made = '2026-02-01') => {
    const enrolment = { ResourceType: 'Custom::DeviceCertificate', PhysicalResourceId: 'enrolment/kitchen/request-1' };
    siteStack('home', 'UPDATE_COMPLETE', [{ ...thingEvent(status, '2026-02-02'), ...enrolment }]);
    thingHas('kitchen', { a: 'ACTIVE', d: 'ACTIVE' });
    certificate('d', 'ACTIVE', undefined, undefined, made);
    attached('d', ['kitchen'], ['kitchen']);
    policyHas('kitchen', ['a', 'd']);
    iot.on(DetachPolicyCommand).callsFake(() => attached('d', [], []));
  };
  const deletedNow = () => iot.commandCalls(DeleteCertificateCommand).map(({ args }) => args[0].input.certificateId);

  test('is named with the certificate that CloudFormation gave up deleting, which --fix does', async () => {
    enrolledBefore('DELETE_FAILED');
    const finished = await doctor('--fix', '--yes');
    expect(findingsIn(finished)).toEqual([
      '✗ certificate dddddddd of kitchen is left of its enrolment, and its board is to make no key any more',
    ]);
    expect(finished.code).toBe(0);
    expect(deletedNow()).toEqual([certificateId('d')]);
  });

  test.each([
    ['once what it had got is deleted', 'DELETE_COMPLETE', '2026-02-01'],
    ['made after CloudFormation gave up', 'DELETE_FAILED', '2026-02-03'],
  ])('may have another certificate by somebody else, %s: --fix leaves that alone', async (_, status, made) => {
    enrolledBefore(status, made);
    const finished = await doctor('--fix', '--yes');
    expect(findingsIn(finished)).toEqual([
      expect.stringMatching(/^✗ certificate dddddddd is ACTIVE and attached to kitchen, but in none of its identities/),
    ]);
    expect([finished.code, deletedNow()]).toEqual([1, []]);
  });
});

describe('a device that was to be deleted', () => {
  /** The attic was taken out of the file, and nothing of it could be deleted. */
  function abandoned(): void {
    siteStack('home', 'UPDATE_COMPLETE', [
      thingEvent('DELETE_FAILED', '2026-02-02'),
      policyEvent('DELETE_FAILED', '2026-02-02'),
      thingEvent('CREATE_COMPLETE', '2026-02-01'),
      policyEvent('CREATE_COMPLETE', '2026-02-01'),
    ]);
    thingHas('attic', { c: 'ACTIVE' });
    attached('c', ['attic'], ['attic']);
    policyHas('attic', ['c']);
    stored('home/attic/1', { key: kitchenKey.privateKeyPem, certificate: certificateOf('c') });
    iot.on(DetachPolicyCommand).callsFake(() => {
      attached('c', ['attic'], []);
      policyHas('attic', []);
      return {};
    });
    iot.on(DetachThingPrincipalCommand).callsFake(() => {
      attached('c', [], []);
      return {};
    });
  }

  test('is named with all that is left of it, and removed with --fix: the record of its identity last', async () => {
    abandoned();
    const finished = await doctor('--fix', '--yes');
    expect(findingsIn(finished)).toEqual([
      '✗ attic is neither in home.yaml nor deployed, but left of it: its identity in the Parameter Store, its policy, ' +
        'its thing (certificate cccccccc is ACTIVE)',
    ]);
    expect(finished.code).toBe(0);
    expect(changes()).toEqual([
      'UpdateCertificate',
      'DetachPolicy',
      'DetachThingPrincipal',
      'DetachPolicy', // of the stand-in
      'DeleteConnection',
      'DeleteCertificate',
      'DeletePolicyVersion',
      'DeletePolicy',
      'DeleteThing',
      'DeleteParameter',
      'DeleteParameter',
    ]);
    expect(iot.commandCalls(DeleteCertificateCommand)[0]?.args[0].input).toEqual({ certificateId: certificateId('c') });
    expect(iot.commandCalls(DeletePolicyVersionCommand)[0]?.args[0].input.policyVersionId).toBe('1');
    expect(iot.commandCalls(DeletePolicyCommand)[0]?.args[0].input).toEqual({ policyName: 'attic' });
    expect(iot.commandCalls(DeleteThingCommand)[0]?.args[0].input).toEqual({ thingName: 'attic' });
    expect(ssm.commandCalls(DeleteParameterCommand).at(-1)?.args[0].input.Name).toBe(
      '/esp-fleet/home/attic/1/certificate',
    );
  });

  test.each<[string, () => void, string]>([
    [
      'the identity alone, of a site without file or stack',
      () => stored('farm/attic/1', { certificate: certificateOf('d') }),
      '✗ attic is neither in farm.yaml nor deployed, but left of it: its identity in the Parameter Store, no certificate',
    ],
    [
      'a key that was never used',
      () => stored('home/attic/1', { key: kitchenKey.privateKeyPem }),
      '✗ attic is neither in home.yaml nor deployed, but left of it: its identity in the Parameter Store, no certificate',
    ],
    [
      'the thing alone',
      () => {
        siteStack('home', 'UPDATE_COMPLETE', [thingEvent('DELETE_FAILED', '2026-02-02')]);
        thingHas('attic', {});
      },
      '✗ attic is neither in home.yaml nor deployed, but left of it: its thing',
    ],
    [
      'the policy alone, kept when its stack was deleted',
      () => {
        siteStack('farm', 'DELETE_COMPLETE', [policyEvent('DELETE_SKIPPED', '2026-02-02')]);
        policyHas('attic', []);
      },
      '✗ attic is neither in farm.yaml nor deployed, but left of it: its policy',
    ],
  ])('%s', async (_, differ, line) => {
    differ();
    const finished = await doctor('--fix', '--yes');
    expect(findingsIn(finished)).toEqual([line]);
    expect(finished.code).toBe(0);
    expect(changes().filter((name) => !name.startsWith('Delete'))).toEqual([]);
  });

  test.each<[string, () => void, string]>([
    [
      'its certificate attached to another thing',
      () => attached('c', ['attic', 'lamp'], ['attic']),
      'see to this first: certificate cccccccc is attached to the thing "lamp"',
    ],
    [
      'its policy attached to another certificate',
      () => policyHas('attic', ['c', 'f']),
      `see to this first: its policy is attached to ${certificateArn('f')}`,
    ],
  ])("is not touched where it is somebody else's as well: %s", async (_, differ, line) => {
    abandoned();
    differ();
    const finished = await doctor('--fix', '--yes');
    expect(findingsIn(finished)).toEqual([expect.stringContaining(line)]);
    expect(finished.code).toBe(1);
    expect(changes()).toEqual([]);
  });

  test.each<[string, () => void]>([
    [
      'a thing that somebody made anew after its deletion',
      () =>
        siteStack('home', 'UPDATE_COMPLETE', [
          thingEvent('DELETE_COMPLETE', '2026-02-03'),
          thingEvent('DELETE_FAILED', '2026-02-02'),
        ]),
    ],
    [
      'what a stack still has, since it could not be deleted',
      () => siteStack('farm', 'DELETE_FAILED', [thingEvent('DELETE_FAILED', '2026-02-02')]),
    ],
    ['a thing that no stack of ours has made', () => undefined],
  ])('is none: %s', async (_, differ) => {
    differ();
    thingHas('attic', { c: 'ACTIVE' });
    attached('c', ['attic'], ['attic']);
    policyHas('attic', ['c']);
    certificate('c', 'ACTIVE', strangerPem);
    const { stdout } = await doctor();
    expect(stdout).not.toContain('left of it');
    expect(stdout).toContain('1 other certificate in this account');
  });
});

describe('a certificate that no device owns', () => {
  test.each<[string, () => void, string]>([
    [
      'made for a key of a device, by a deployment that lost the answer',
      () => certificate('d', 'INACTIVE', twin),
      '✗ certificate dddddddd has a key of kitchen, but is INACTIVE and in none of its identities, and attached to ' +
        'nothing: a deployment lost it; to settle it: bin/fleet doctor --fix',
    ],
    [
      'the same, but somebody has made it ACTIVE',
      () => certificate('d', 'ACTIVE', twin),
      '✗ certificate dddddddd has a key of kitchen, but is ACTIVE and in none of its identities, and attached to ' +
        'nothing; unless you know what it is for: ' +
        `aws iot update-certificate --certificate-id ${certificateId('d')} --new-status INACTIVE`,
    ],
    [
      'the same, but somebody uses it',
      () => {
        certificate('d', 'ACTIVE', twin);
        attached('d', ['lamp'], ['lights']);
      },
      '✗ certificate dddddddd has a key of kitchen, but is ACTIVE and in none of its identities; it is attached to the ' +
        'thing "lamp" and the policy "lights", see to it there',
    ],
    [
      'made out to a device, ACTIVE, its key nowhere',
      () => certificate('d', 'ACTIVE', namesakePem),
      '✗ certificate dddddddd is made out to kitchen, but is ACTIVE and in none of its identities, and attached to nothing;',
    ],
    [
      'made out to a device, INACTIVE, its key nowhere',
      () => certificate('d', 'INACTIVE', namesakePem),
      '- certificate dddddddd is made out to kitchen, but is INACTIVE and in none of its identities, and attached to ' +
        'nothing; if it is left of a deployment that failed: ' +
        `aws iot delete-certificate --certificate-id ${certificateId('d')}`,
    ],
    [
      'made out to a device that there was',
      () => {
        siteStack('home', 'UPDATE_COMPLETE', [thingEvent('DELETE_COMPLETE', '2026-02-02')]);
        certificate('d', 'REVOKED', atticPem);
      },
      '- certificate dddddddd is made out to attic, but is REVOKED and in none of its identities, and attached to nothing;',
    ],
    [
      "of nobody that is known, INACTIVE: a deployment that was rolled back has lost its key, or it is somebody else's",
      () => certificate('d', 'INACTIVE', strangerPem),
      '- certificate dddddddd is of no device, INACTIVE and attached to nothing; if it is left of a deployment that ' +
        `failed: aws iot delete-certificate --certificate-id ${certificateId('d')}`,
    ],
  ])('%s', async (_, differ, line) => {
    attached('d', [], []);
    differ();
    const finished = await doctor();
    expect(findingsIn(finished)).toEqual([expect.stringContaining(line)]);
    expect(finished.code).toBe(line.startsWith('✗') ? 1 : 0);
  });

  test('--fix deletes the one that a deployment lost, and no other', async () => {
    certificate('d', 'INACTIVE', twin);
    certificate('e', 'ACTIVE', twin);
    certificate('f', 'INACTIVE', namesakePem);
    for (const digit of ['d', 'e', 'f']) attached(digit, [], []);
    const { code, stdout } = await doctor('--fix', '--yes');
    expect(stdout).toContain('✓ done: delete certificate dddddddd\n');
    expect(code).toBe(1);
    expect(changes()).toEqual(['DeleteCertificate']);
    expect(iot.commandCalls(DeleteCertificateCommand)[0]?.args[0].input).toEqual({ certificateId: certificateId('d') });
  });

  test.each<[string, string, string[]]>([
    ['of somebody else', strangerPem, []],
    ["somebody's own, made out to the name of a device", namesakePem, ['lamp']],
    ['of a form that Node.js does not read', 'nonsense', []],
  ])('is none of ours: %s', async (_, pem, things) => {
    certificate('d', 'ACTIVE', pem);
    attached('d', things, []);
    expect(await doctor()).toMatchObject({
      code: 0,
      stdout: 'local cloud at 127.0.0.1:1\n2 devices, nothing wrong; 1 other certificate in this account\n',
    });
  });
});

describe('a certificate that was there before the fleet', () => {
  const found = { ...certificateOf('c', strangerPem), policies: ['wide'] };
  const home = `certificate: ${certificateId('c')}, policies: [wide]`;
  beforeEach(() => {
    certificate('c', 'ACTIVE', strangerPem);
    attached('c', ['attic'], ['attic']);
    policyHas('attic', ['c']);
    iot.on(AttachPolicyCommand).callsFake(({ policyName }: { policyName: string }) => {
      attached('c', ['attic'], ['attic', policyName]);
      return {};
    });
    iot.on(DetachPolicyCommand).callsFake(() => {
      policyHas('attic', []);
      return {};
    });
  });

  test('is given back, and not deleted, where a deletion did not come to its end', async () => {
    stored('home/attic/1', { certificate: found });
    expect(findingsIn(await doctor())).toEqual([
      expect.stringMatching(/^✗ attic is neither in home.yaml nor deployed, but left of it: its identity/),
    ]);
    const { code, stdout } = await doctor('--fix', '--yes');
    expect(code).toBe(0);
    expect(stdout).toContain('done: give back the certificate that attic had before');
    const target = certificateArn('c');
    expect(iot.commandCalls(AttachPolicyCommand, { policyName: 'wide', target })).toHaveLength(1);
    expect(iot.commandCalls(DetachPolicyCommand, { policyName: 'attic', target })).toHaveLength(1);
    // Of the policy and its stand-in; no certificate is changed, deleted, or detached from its thing.
    expect(changes()).toEqual(['AttachPolicy', 'DetachPolicy', 'DetachPolicy', 'DeleteParameter', 'DeleteParameter']);
    expect(ssm.commandCalls(DeleteParameterCommand, { Name: '/esp-fleet/home/attic/1/certificate' })).toHaveLength(1);
  });

  test('and its thing are nothing that a deployment has left, once they are given back', async () => {
    siteStack('farm', 'UPDATE_COMPLETE', [thingEvent('DELETE_SKIPPED', '2026-02-02')]);
    thingHas('attic', { c: 'ACTIVE' });
    attached('c', ['attic'], ['wide']);
    expect(findingsIn(await doctor()).filter((line) => line.includes('attic'))).toEqual([]);
  });

  test('keeps a policy that the fleet file names, which is no problem', async () => {
    kitchenHas(home);
    siteDeployed('home', ['kitchen', 'shed'], 'cb');
    thingHas('kitchen', { c: 'ACTIVE' });
    certificate('c', 'ACTIVE', strangerPem);
    deleted('a');
    attached('c', ['kitchen'], ['kitchen', 'wide']);
    policyHas('kitchen', ['c']);
    allowed('c', { kitchen: policy(['iot:Publish', 'topic/rtjm/kitchen/*']), wide: policy(['iot:*', '*']) });
    stored('home/kitchen/1', { key: undefined, certificate: found });
    expect(findingsIn(await doctor())).toEqual([
      expect.stringMatching(
        /^- certificate c{8} of kitchen keeps the policy "wide" besides its own, as home.yaml says; once its board lives/,
      ),
    ]);
  });

  test('is to be taken over by a deployment that says so', async () => {
    kitchenHas(home);
    siteDeployed('home', ['shed'], 'b');
    stored('home/kitchen/1', { key: undefined, certificate: undefined });
    iot.on(ListTargetsForPolicyCommand, { policyName: 'kitchen' }).rejects(notThere());
    expect(findingsIn(await doctor()).filter((line) => !line.includes('certificate '))).toEqual([
      '- kitchen is in home.yaml, but not deployed; run: npx cdk deploy --all --import-existing-resources',
    ]);
  });
});

import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateThingCommand,
  DeleteCertificateCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  ListTargetsForPolicyCommand,
  ListThingPrincipalsCommand,
} from '@aws-sdk/client-iot';
import { DeleteParameterCommand } from '@aws-sdk/client-ssm';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { newRequest } from '../../lib/fleet/certificate-requests.ts';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import {
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
  kitchenPem,
  notThere,
  policyHas,
  siteDeployed,
  siteStack,
  ssm,
  stored,
  thingHas,
} from './fleet.ts';

/* What can be wrong with a device that is in its fleet file. */

const request = await newRequest();
const IN_28_DAYS = new Date(Date.now() + 28 * 86_400_000).toISOString();
beforeEach(() => {
  healthyFleet();
  iot.on(DetachPolicyCommand).callsFake(() => {
    policyHas('kitchen', ['c']);
    return {};
  });
  iot.on(DetachThingPrincipalCommand).callsFake(() => {
    attached('a', [], []);
    return {};
  });
});

const key = kitchenKey.privateKeyPem;

/** The kitchen has an identity of generation 2, of digit c, beside the one of digit a. */
function rotated(status: 'ACTIVE' | 'INACTIVE' | 'REVOKED' = 'ACTIVE', before: typeof status = 'ACTIVE'): void {
  kitchenHas('generations: [1, 2]');
  siteDeployed('home', ['kitchen', 'shed'], 'abc');
  stored('home/kitchen/2', { key, certificate: certificateOf('c') });
  thingHas('kitchen', { a: before, c: status });
  attached('c', ['kitchen'], ['kitchen']);
  policyHas('kitchen', ['a', 'c']);
}

describe('a problem', () => {
  test.each<[string, () => void, string]>([
    [
      'what list says as well: ACTIVE although the file says revoked',
      () => thingHas('shed', { b: 'ACTIVE' }),
      '✗ certificate bbbbbbbb of shed is ACTIVE, but home.yaml says revoked; run: bin/fleet revoke shed',
    ],
    [
      'a device whose record is lost',
      () => stored('home/kitchen/1', { certificate: undefined }),
      '✗ kitchen has no identity in the Parameter Store; for a new one: bin/fleet rotate kitchen',
    ],
    [
      'an identity without its key',
      () => stored('home/kitchen/1', { key: undefined }),
      '✗ the identity of kitchen has lost its private key; for a new one: bin/fleet rotate kitchen',
    ],
    [
      'a parameter that holds something else',
      () => stored('home/kitchen/1', { certificate: '{"privateKeyPem":' }),
      '✗ the SSM parameter /esp-fleet/home/kitchen/1/certificate holds no part of an identity; delete it: ' +
        'aws ssm delete-parameter --name /esp-fleet/home/kitchen/1/certificate, and for a new identity run: bin/fleet rotate kitchen',
    ],
    [
      'an identity without its certificate, which somebody has deleted',
      () => {
        deleted('a');
        thingHas('kitchen', {});
        policyHas('kitchen', []);
      },
      '✗ the identity of kitchen is without its certificate aaaaaaaa; for a new one: bin/fleet rotate kitchen',
    ],
    [
      'a certificate that expires soon',
      () => certificate('a', 'ACTIVE', kitchenPem, IN_28_DAYS),
      `✗ certificate aaaaaaaa of kitchen expires on ${IN_28_DAYS.slice(0, 10)}; for a new one: bin/fleet rotate kitchen`,
    ],
    [
      'a certificate that has expired',
      () => certificate('a', 'ACTIVE', kitchenPem, '2026-02-03T12:00:00Z'),
      '✗ certificate aaaaaaaa of kitchen has expired on 2026-02-03; for a new one: bin/fleet rotate kitchen',
    ],
    [
      'another certificate attached to the thing',
      () => {
        thingHas('kitchen', { a: 'ACTIVE', e: 'ACTIVE' });
        attached('e', ['kitchen'], ['kitchen']);
        policyHas('kitchen', ['a', 'e']);
      },
      '✗ certificate eeeeeeee is ACTIVE and attached to kitchen, but in none of its identities; unless you know who ' +
        `uses it: aws iot update-certificate --certificate-id ${certificateId('e')} --new-status INACTIVE`,
    ],
    [
      'another certificate attached to the policy alone',
      () => policyHas('kitchen', ['a', 'e']),
      `✗ the policy of kitchen is attached to ${certificateArn('e')}, which is not of kitchen; unless you know who ` +
        `uses it: aws iot detach-policy --policy-name kitchen --target ${certificateArn('e')}`,
    ],
    [
      'its certificate attached to another thing',
      () => attached('a', ['attic'], ['kitchen']),
      '✗ certificate aaaaaaaa of kitchen is attached to the thing "attic"; detach or revoke it there',
    ],
    [
      'no policy',
      () => {
        iot.on(ListTargetsForPolicyCommand, { policyName: 'kitchen' }).rejects(notThere());
        attached('a', ['kitchen'], []);
      },
      '✗ the policy of kitchen is gone, although fleet-site-home has it; make it again (aws iot create-policy) with the ' +
        'document that stands in: aws cloudformation get-template --stack-name fleet-site-home',
    ],
    [
      'a rotation: the certificate of the newest deleted',
      () => {
        rotated();
        deleted('c');
        thingHas('kitchen', { a: 'ACTIVE' });
        policyHas('kitchen', ['a']);
      },
      '✗ generation 2 of kitchen is without its certificate cccccccc; for a new one: bin/fleet rotate kitchen',
    ],
    [
      'a rotation: the key of the newest lost',
      () => {
        rotated();
        stored('home/kitchen/2', { key: undefined });
      },
      '✗ generation 2 of kitchen has lost its private key; unless its board has it already, take 2 out of home.yaml and ' +
        'run: npx cdk deploy --all',
    ],
    [
      'a rotation: the key of the one before lost',
      () => {
        rotated();
        stored('home/kitchen/1', { key: undefined });
      },
      '✗ generation 1 of kitchen has lost its private key; flash the board with its new identity, and then run: ' +
        'bin/fleet rotate kitchen --finish',
    ],
    [
      'a rotation: the record of the one before lost, the newest not deployed yet',
      () => {
        kitchenHas('generations: [1, 2]');
        stored('home/kitchen/1', { key: undefined, certificate: undefined });
      },
      '✗ generation 1 of kitchen has no identity in the Parameter Store; flash the board with its new identity, and then ' +
        'run: bin/fleet rotate kitchen --finish',
    ],
    [
      'a rotation: the newest REVOKED',
      () => rotated('REVOKED'),
      '✗ certificate cccccccc of kitchen, of generation 2, is REVOKED, and only the one before works; to go back to that ' +
        'one, take 2 out of home.yaml and run: npx cdk deploy --all',
    ],
    [
      'a rotation: the newest INACTIVE',
      () => rotated('INACTIVE'),
      '✗ certificate cccccccc of kitchen, of generation 2, is INACTIVE, so the broker refuses it; to let it in: ' +
        `aws iot update-certificate --certificate-id ${certificateId('c')} --new-status ACTIVE`,
    ],
    [
      'a rotation: the one before REVOKED',
      () => rotated('ACTIVE', 'REVOKED'),
      '✗ certificate aaaaaaaa of kitchen, of generation 1, is REVOKED; flash the board with its new identity, and then ' +
        'run: bin/fleet rotate kitchen --finish',
    ],
    [
      'a thing of that name before its deployment',
      () => {
        siteDeployed('home', ['shed'], 'b');
        stored('home/kitchen/1', { key: undefined, certificate: undefined });
        thingHas('kitchen', {});
        policyHas('kitchen', []);
      },
      '✗ kitchen cannot be deployed: there is a thing and a policy of that name already; which is not of this fleet; ' +
        'delete it, or give the device another name',
    ],
    [
      'the same, left behind by a deployment',
      () => {
        siteDeployed('home', ['shed'], 'b');
        stored('home/kitchen/1', { key: undefined, certificate: undefined });
        siteStack('home', 'UPDATE_COMPLETE', [
          { ResourceType: 'AWS::IoT::Thing', PhysicalResourceId: 'kitchen', ResourceStatus: 'DELETE_FAILED' },
        ]);
        policyHas('kitchen', []);
      },
      '✗ kitchen cannot be deployed: there is a thing and a policy of that name already; fleet-site-home has left it ' +
        'behind; to start anew, take kitchen out of home.yaml, run bin/fleet doctor --fix, and put it back',
    ],
    [
      'an identity of a device that moved to another site',
      () => stored('farm/kitchen/2', { certificate: certificateOf('d') }),
      '✗ kitchen is a device of another site, but farm has an identity of it as well; if no board uses it: aws ssm ' +
        'delete-parameters --names /esp-fleet/farm/kitchen/2/key /esp-fleet/farm/kitchen/2/certificate',
    ],
  ])('%s', async (_, differ, line) => {
    differ();
    const finished = await doctor();
    expect(findingsIn(finished).filter((text) => text.startsWith('✗'))).toEqual([line]);
    expect(finished.stdout).not.toContain('PRIVATE');
    expect(finished.code).toBe(1);
  });
});

describe('no problem', () => {
  test.each<[string, () => void, string[]]>([
    [
      'a device that keeps its own key',
      () => {
        kitchenHas(`csr: ${join(temporaryFleet({ 'kitchen.csr': request }), 'kitchen.csr')}`);
        stored('home/kitchen/1', { key: undefined });
      },
      [],
    ],
    [
      'an unfinished rotation',
      rotated,
      [
        '- kitchen still has its identity of generation 1 beside the newer one; once its board uses that, run: ' +
          'bin/fleet rotate kitchen --finish',
      ],
    ],
    [
      'a rotation that is not deployed yet',
      () => kitchenHas('generations: [1, 2]'),
      ['- generation 2 of kitchen is not deployed yet; run: npx cdk deploy --all'],
    ],
    [
      'a rotation that is finished, but not deployed yet',
      () => {
        rotated();
        kitchenHas('generations: [2]');
      },
      ['- generation 1 of kitchen is deployed, but not in home.yaml; to remove it: npx cdk deploy --all'],
    ],
    [
      'an identity that is being made',
      () => {
        siteStack('home', 'UPDATE_IN_PROGRESS');
        stored('home/kitchen/2', { key });
      },
      [
        '- fleet-site-home is being deployed (UPDATE_IN_PROGRESS), so some of this may be on its way',
        '- an identity of kitchen is being made or deleted',
      ],
    ],
  ])('%s', async (_, differ, lines) => {
    differ();
    const finished = await doctor();
    expect(findingsIn(finished)).toEqual(lines);
    expect(finished.code).toBe(0);
  });
});

describe('--fix', () => {
  /** The deletion of generation 1. */
  const givenUp = () => {
    rotated();
    kitchenHas('generations: [2]');
    siteDeployed('home', ['kitchen', 'shed'], 'bc');
  };

  test('attaches the certificate of a device to its thing and policy', async () => {
    attached('a', [], []);
    const finished = await doctor('--fix', '--yes');
    expect(findingsIn(finished)).toEqual([
      '✗ certificate aaaaaaaa of kitchen is ACTIVE, but not attached to its thing and its policy',
    ]);
    expect(finished.code).toBe(0);
    const target = certificateArn('a');
    expect(iot.commandCalls(AttachPolicyCommand)[0]?.args[0].input).toEqual({ policyName: 'kitchen', target });
    const exclusively = { thingName: 'kitchen', principal: target, thingPrincipalType: 'EXCLUSIVE_THING' };
    expect(iot.commandCalls(AttachThingPrincipalCommand)[0]?.args[0].input).toEqual(exclusively);
  });

  test('makes a thing again before it attaches the certificate', async () => {
    iot.on(ListThingPrincipalsCommand, { thingName: 'kitchen' }).rejects(notThere());
    attached('a', [], ['kitchen']);
    const { code, stdout } = await doctor('--fix', '--yes');
    expect(stdout).toContain('✗ the thing of kitchen is gone, although fleet-site-home has it\n');
    expect(stdout).toMatch(/✓ done: make the thing kitchen again\n✓ done: attach certificate aaaaaaaa of kitchen/);
    expect(code).toBe(0);
    expect(iot.commandCalls(CreateThingCommand)[0]?.args[0].input).toEqual({ thingName: 'kitchen' });
  });

  test.each<[string, number, () => void, string[]]>([
    ['a key that a deployment left behind', 2, () => stored('home/kitchen/2', { key }), []],
    [
      'a generation without certificate',
      2,
      () => stored('home/kitchen/2', { key, certificate: certificateOf('d') }),
      [],
    ],
    ['a generation whose deletion was given up, with its certificate', 1, givenUp, [certificateId('a')]],
  ])('deletes what is left of %s', async (_, generation, differ, certificates) => {
    differ();
    expect(await doctor('--fix', '--yes')).toMatchObject({ code: 0 });
    expect(iot.commandCalls(DeleteCertificateCommand).map(({ args }) => args[0].input.certificateId)).toEqual(
      certificates,
    );
    expect(ssm.commandCalls(DeleteParameterCommand).map(({ args }) => args[0].input.Name)).toEqual([
      `/esp-fleet/home/kitchen/${generation}/key`,
      `/esp-fleet/home/kitchen/${generation}/certificate`,
    ]);
  });

  test('leaves such a certificate alone where someone has given it to another thing', async () => {
    givenUp();
    attached('a', ['attic'], ['kitchen']);
    const { code, stderr } = await doctor('--fix', '--yes');
    expect(stderr).toContain('certificate aaaaaaaa is attached to the thing "attic"; see to this first');
    expect(code).toBe(1);
    expect(changes()).toEqual([]);
  });
});

import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateThingCommand,
  ListTargetsForPolicyCommand,
  ListThingPrincipalsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot';
import { DeleteParameterCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, test } from 'vitest';
import { certificateArn, certificateId, identityOf, iot, siteDeployed, siteStack, ssm, thingHas } from '../deployed.ts';
import {
  attached,
  certificate,
  deleted,
  doctor,
  findingsIn,
  healthyFleet,
  kitchenKey,
  kitchenPem,
  policyHas,
  stored,
} from './fleet.ts';

/* What can be wrong with a device that is in its fleet file. */

const IN_28_DAYS = new Date(Date.now() + 28 * 86_400_000).toISOString();
const notThere = () => new ResourceNotFoundException({ message: 'not here', $metadata: {} });
const kitchenIdentity = (digit: string, more: object = {}) =>
  identityOf('kitchen', digit, { privateKeyPem: kitchenKey.privateKeyPem, ...more });

beforeEach(() => {
  healthyFleet();
  iot.on(AttachPolicyCommand).resolves({});
  iot.on(AttachThingPrincipalCommand).resolves({});
  iot.on(CreateThingCommand).resolves({});
  ssm.on(DeleteParameterCommand).resolves({});
});

/** The kitchen has a new identity, of digit c, beside the one of digit a. */
function rotated(): void {
  stored('kitchen', 'identity', kitchenIdentity('c', { spec: '2 ec', serial: 2 }));
  stored('kitchen', 'previous', kitchenIdentity('a'));
  thingHas('kitchen', { a: 'ACTIVE', c: 'ACTIVE' });
  attached('c', ['kitchen'], ['kitchen']);
  policyHas('kitchen', ['a', 'c']);
}

describe('a problem', () => {
  test.each<[string, () => void, string]>([
    [
      'ACTIVE although the file says revoked',
      () => thingHas('shed', { b: 'ACTIVE' }),
      '✗ certificate bbbbbbbb of shed is ACTIVE, but home.yaml says revoked; run: npx fleet revoke shed',
    ],
    [
      'REVOKED although the file says nothing of it',
      () => certificate('a', 'REVOKED'),
      '✗ certificate aaaaaaaa of kitchen is REVOKED, but home.yaml does not say so; run: npx fleet revoke kitchen, ' +
        'or for a new identity: npx fleet rotate kitchen',
    ],
    [
      'INACTIVE',
      () => certificate('a', 'INACTIVE'),
      '✗ certificate aaaaaaaa of kitchen is INACTIVE, so the broker refuses it; to let it in: ' +
        `aws iot update-certificate --certificate-id ${certificateId('a')} --new-status ACTIVE`,
    ],
    [
      'a device without a secret',
      () => stored('kitchen', 'identity', undefined),
      '✗ kitchen has no identity in the Parameter Store; for a new one: npx fleet rotate kitchen',
    ],
    [
      'a secret without its key',
      () => stored('kitchen', 'identity', kitchenIdentity('a', { privateKeyPem: undefined })),
      '✗ the identity of kitchen has lost its private key; for a new one: npx fleet rotate kitchen',
    ],
    [
      'a secret that is none',
      () => stored('kitchen', 'identity', '{"privateKeyPem":'),
      '✗ the SSM parameter /esp-fleet/home/kitchen/identity holds no identity; delete it ' +
        '(aws ssm delete-parameter --name /esp-fleet/home/kitchen/identity), and for a new identity run: npx fleet rotate kitchen',
    ],
    [
      'a secret without a certificate, which somebody has deleted',
      () => {
        deleted('a');
        thingHas('kitchen', {});
        policyHas('kitchen', []);
      },
      '✗ the identity of kitchen is without its certificate aaaaaaaa; for a new one: npx fleet rotate kitchen',
    ],
    [
      'a certificate that expires soon',
      () => certificate('a', 'ACTIVE', kitchenPem, IN_28_DAYS),
      `✗ certificate aaaaaaaa of kitchen expires on ${IN_28_DAYS.slice(0, 10)}; for a new one: npx fleet rotate kitchen`,
    ],
    [
      'a certificate that has expired',
      () => certificate('a', 'ACTIVE', kitchenPem, '2026-02-03T12:00:00Z'),
      '✗ certificate aaaaaaaa of kitchen has expired on 2026-02-03; for a new one: npx fleet rotate kitchen',
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
      'an identity that a deployment left half made, and that a board may have had',
      () => stored('kitchen', 'next', kitchenIdentity('a', { spec: '2 ec', serial: 2 })),
      '✗ a deployment has left an identity of kitchen half made, in /esp-fleet/home/kitchen/next; the next change of ' +
        'kitchen settles it, such as: npx fleet rotate kitchen',
    ],
    [
      'a thing of that name before its deployment',
      () => {
        siteDeployed('home', ['shed']);
        stored('kitchen', 'identity', undefined);
        thingHas('kitchen', {});
        policyHas('kitchen', []);
      },
      '✗ kitchen cannot be deployed: there is a thing and a policy of that name already; which is not of this fleet; ' +
        'delete it, or give the device another name',
    ],
    [
      'the same, left behind by a deployment',
      () => {
        siteDeployed('home', ['shed']);
        stored('kitchen', 'identity', undefined);
        siteStack('home', 'UPDATE_COMPLETE', [
          { ResourceType: 'AWS::IoT::Thing', PhysicalResourceId: 'kitchen', ResourceStatus: 'DELETE_FAILED' },
        ]);
        policyHas('kitchen', []);
      },
      '✗ kitchen cannot be deployed: there is a thing and a policy of that name already; fleet-site-home has left it ' +
        'behind; to start anew, take kitchen out of home.yaml, run npx fleet doctor --fix, and put it back',
    ],
    [
      'an identity of a device that moved to another site',
      () => stored('kitchen', 'identity', kitchenIdentity('d'), 'farm'),
      '✗ kitchen is a device of another site, but farm has an identity of it as well; if no board uses it: ' +
        'aws ssm delete-parameter --name /esp-fleet/farm/kitchen/identity',
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
      () => stored('kitchen', 'identity', kitchenIdentity('a', { spec: '1 csr:00', privateKeyPem: undefined })),
      [],
    ],
    [
      'an unfinished rotation',
      rotated,
      [
        '- kitchen still has its identity of generation 1 beside the current one; once its board uses the current one, ' +
          'run: npx fleet rotate kitchen --finish',
      ],
    ],
    [
      'a rotation whose old certificate is REVOKED',
      () => {
        rotated();
        thingHas('kitchen', { a: 'REVOKED', c: 'ACTIVE' });
      },
      [],
    ],
    [
      'an identity that is being made',
      () => {
        siteStack('home', 'UPDATE_IN_PROGRESS');
        stored('kitchen', 'next', { thingName: 'kitchen', spec: '2 ec', serial: 2, privateKeyPem: 'KEY' });
      },
      [
        '- fleet-site-home is being deployed (UPDATE_IN_PROGRESS), so some of this may be on its way',
        '- an identity of kitchen is being made',
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
  test('attaches the certificate of a device to its thing and policy', async () => {
    attached('a', [], []);
    const finished = await doctor('--fix', '--yes');
    expect(findingsIn(finished)).toEqual([
      '✗ certificate aaaaaaaa of kitchen is ACTIVE, but not attached to its thing and its policy',
    ]);
    expect(finished.code).toBe(0);
    expect(iot.commandCalls(AttachThingPrincipalCommand)[0]?.args[0].input).toEqual({
      thingName: 'kitchen',
      principal: certificateArn('a'),
      thingPrincipalType: 'EXCLUSIVE_THING',
    });
    expect(iot.commandCalls(AttachPolicyCommand)[0]?.args[0].input).toEqual({
      policyName: 'kitchen',
      target: certificateArn('a'),
    });
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

  test.each([
    ['an identity before whose certificate is gone', 'previous', kitchenIdentity('c')],
    [
      'a key that a deployment left behind',
      'next',
      { thingName: 'kitchen', spec: '2 ec', serial: 2, privateKeyPem: 'K' },
    ],
  ])('deletes what is left of %s', async (_, slot, record) => {
    stored('kitchen', slot, record);
    const { code } = await doctor('--fix', '--yes');
    expect(code).toBe(0);
    expect(ssm.commandCalls(DeleteParameterCommand).map(({ args }) => args[0].input.Name)).toEqual([
      `/esp-fleet/home/kitchen/${slot}`,
    ]);
  });
});

import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import {
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  GetEffectivePoliciesCommand,
  ListPolicyVersionsCommand,
  ListTargetsForPolicyCommand,
} from '@aws-sdk/client-iot';
import { beforeEach, expect, test } from 'vitest';
import { certificateArn, cloudFormation, iot, siteStack } from '../deployed.ts';
import { allowed, attached, certificate, doctor, findingsIn, healthyFleet, policy } from './fleet.ts';

/* What the policies of a device allow, compared with what was deployed. */

const OWN = ['iot:Publish', 'topic/rtjm/kitchen/*'] as const;
const GROUP = 'arn:aws:iot:eu-west-1:111122223333:thinggroup/all';
const named = (name: string, message: string) => Object.assign(new Error(message), { name });

beforeEach(healthyFleet);

const deployed = '✗ the policy "kitchen" of kitchen is not what fleet-site-home deployed';
const toSettle = '; to settle it: bin/fleet doctor --fix';

test.each<[string, () => void, string]>([
  [
    'edited to allow everything',
    () => allowed('a', { kitchen: policy(['iot:*', '*']) }),
    `${deployed}; it allows iot:* on *${toSettle}`,
  ],
  [
    'with a statement more',
    () => allowed('a', { kitchen: policy(OWN, ['iot:Receive', 'topic/*']) }),
    `${deployed}; it allows iot:Receive on arn:aws:iot:eu-west-1:111122223333:topic/*${toSettle}`,
  ],
  ['with a statement less', () => allowed('a', { kitchen: policy() }), `${deployed}${toSettle}`],
  [
    'with what nobody here understands',
    () =>
      allowed('a', {
        kitchen: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', NotAction: 'iot:Connect', Resource: '*' }],
        }),
      }),
    `${deployed}; statement 1 of it is unlike any that was deployed${toSettle}`,
  ],
  [
    'a second one on the certificate',
    () => {
      allowed('a', { kitchen: policy(OWN), wide: policy(['iot:*', '*']) });
      attached('a', ['kitchen'], ['kitchen', 'wide']);
    },
    '✗ certificate aaaaaaaa of kitchen has the policy "wide" besides its own; unless you know what it is for: ' +
      `aws iot detach-policy --policy-name wide --target ${certificateArn('a')}`,
  ],
  [
    'one of a group of its thing',
    () => {
      allowed('a', { kitchen: policy(OWN), wide: policy(['iot:*', '*']) });
      iot.on(ListTargetsForPolicyCommand, { policyName: 'wide' }).resolves({ targets: [certificateArn('d'), GROUP] });
    },
    '✗ certificate aaaaaaaa of kitchen has the policy "wide" besides its own by a group of its thing; unless you know ' +
      `what it is for: aws iot detach-policy --policy-name wide --target ${GROUP}`,
  ],
])('a problem: %s', async (_, differ, line) => {
  differ();
  const finished = await doctor();
  expect(findingsIn(finished)).toEqual([line]);
  expect(finished.code).toBe(1);
});

test('also of a certificate that is INACTIVE, which somebody may let in again', async () => {
  certificate('a', 'INACTIVE');
  allowed('a', { kitchen: policy(['iot:*', '*']) });
  expect(findingsIn(await doctor())).toContain(`${deployed}; it allows iot:* on *${toSettle}`);
});

test('not while a deployment is under way, which may be changing it', async () => {
  siteStack('home', 'UPDATE_IN_PROGRESS');
  allowed('a', { kitchen: policy(['iot:*', '*']) });
  expect((await doctor()).code).toBe(0);
});

test.each<[string, () => void]>([
  [
    'policies',
    () =>
      iot.on(GetEffectivePoliciesCommand).rejects(named('ForbiddenException', 'iot:GetEffectivePolicies is denied')),
  ],
  [
    'the template',
    () => cloudFormation.on(GetTemplateCommand).rejects(named('AccessDenied', 'cloudformation:GetTemplate is denied')),
  ],
])('who may not read %s gets to know all else', async (_, deny) => {
  iot.on(GetEffectivePoliciesCommand).resolves({ effectivePolicies: [] });
  deny();
  attached('a', [], ['kitchen']);
  const lines = findingsIn(await doctor());
  expect(lines[0]).toContain('✗ certificate aaaaaaaa of kitchen is ACTIVE, but not attached to its thing');
  expect(lines[1]).toMatch(
    /^- not known: whether policies of devices are as they were deployed; AWS does not allow this user to read it: \S+ is denied$/,
  );
  expect(lines).toHaveLength(2);
});

test('a document that the template does not have by itself is not guessed', async () => {
  const PolicyDocument = { Statement: [{ Effect: 'Allow', Resource: { 'Fn::GetAtt': ['Other', 'Arn'] } }] };
  const Resources = { Own: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'kitchen', PolicyDocument } } };
  cloudFormation
    .on(GetTemplateCommand, { StackName: 'fleet-site-home' })
    .resolves({ TemplateBody: JSON.stringify({ Resources }) });
  expect(findingsIn(await doctor())).toEqual([
    '- whether it was changed by hand is not known: the template of fleet-site-home does not say by itself what the ' +
      'policy "kitchen" of kitchen allows',
  ]);
});

test('--fix puts the deployed document in force, and the oldest version goes where there is no room', async () => {
  allowed('a', { kitchen: policy(['iot:*', '*']) });
  iot.on(ListPolicyVersionsCommand).resolves({
    policyVersions: ['10', '9', '8', '7', '6'].map((versionId) => ({ versionId, isDefaultVersion: versionId === '6' })),
  });
  expect((await doctor('--fix', '--yes')).code).toBe(0);
  expect(iot.commandCalls(DeletePolicyVersionCommand).map(({ args }) => args[0].input)).toEqual([
    { policyName: 'kitchen', policyVersionId: '7' },
  ]);
  const [created] = iot.commandCalls(CreatePolicyVersionCommand).map(({ args }) => args[0].input);
  expect(created).toMatchObject({ policyName: 'kitchen', setAsDefault: true });
  expect(JSON.parse(created?.policyDocument ?? '')).toEqual(JSON.parse(policy(OWN)));
});

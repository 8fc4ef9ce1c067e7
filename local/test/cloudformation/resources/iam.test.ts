import {
  GetPolicyCommand as GetManagedPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { describe, expect, it } from 'vitest';
import { type Template } from '../stack-client.ts';
import {
  allow,
  att,
  deploy,
  destroy,
  document,
  options,
  output,
  ref,
  tags,
  trust,
  useDeployments,
} from './deployed.ts';

useDeployments();

describe('IAM', () => {
  const template = (n: number): Template => ({
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          Description: `number ${n}`,
          AssumeRolePolicyDocument: trust(n === 1 ? 'iot.amazonaws.com' : 'lambda.amazonaws.com'),
          ManagedPolicyArns: n === 1 ? [ref('Managed')] : ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
          Policies: [{ PolicyName: n === 1 ? 'first' : 'second', PolicyDocument: document(allow('sqs:*')) }],
          Tags: tags(`${n}`),
        },
      },
      Inline: {
        Type: 'AWS::IAM::Policy',
        Properties: { PolicyName: 'inline', PolicyDocument: document(allow(`ssm:Get${n}`)), Roles: [ref('Role')] },
      },
      Managed: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: document(allow(`iot:Get${n}`)) } },
    },
    Outputs: {
      Role: output(ref('Role')),
      Arn: output(att('Role', 'Arn')),
      Managed: output(ref('Managed')),
      Inline: output(ref('Inline')),
    },
  });

  it('roles, their inline policies, and managed policies', async () => {
    const iam = new IAMClient(options);
    const { Role, Arn, Managed, Inline } = await deploy('iam', template(1));
    expect(Role).toMatch(/^iam-Role-[A-Z0-9]{12}$/);
    expect(Arn).toBe(`arn:aws:iam::000000000000:role/${Role}`);
    expect(Managed).toMatch(/^arn:aws:iam::000000000000:policy\/iam-Managed-[A-Z0-9]{12}$/);
    expect(Inline).toMatch(/^iam-Inline-/);
    const RoleName = Role;
    const state = async () => ({
      role: (await iam.send(new GetRoleCommand({ RoleName }))).Role,
      inline: (await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames?.sort(),
      attached: (await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies?.map(
        ({ PolicyArn }) => PolicyArn,
      ),
    });
    expect(await state()).toMatchObject({
      role: { Description: 'number 1', Tags: tags('1') },
      inline: ['first', 'inline'],
      attached: [Managed],
    });
    for (let n = 2; n <= 7; n++) await deploy('iam', template(n));
    const after = await state();
    expect(after).toMatchObject({
      role: { Description: 'number 7', Tags: tags('7') },
      inline: ['inline', 'second'],
      attached: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
    });
    expect(decodeURIComponent(after.role?.AssumeRolePolicyDocument ?? '')).toContain('lambda.amazonaws.com');
    const inline = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'inline' }));
    expect(decodeURIComponent(inline.PolicyDocument ?? '')).toContain('ssm:Get7');
    const { Policy } = await iam.send(new GetManagedPolicyCommand({ PolicyArn: Managed }));
    const version = await iam.send(
      new GetPolicyVersionCommand({ PolicyArn: Managed, VersionId: Policy?.DefaultVersionId }),
    );
    expect(decodeURIComponent(version.PolicyVersion?.Document ?? '')).toContain('iot:Get7');
    await destroy('iam');
    await expect(state()).rejects.toThrow('cannot be found');
  });
});

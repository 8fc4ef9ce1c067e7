import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { siteTemplate, siteTemplateWith } from '../synthesized.ts';

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

const arn = (service: string, resource: string) => ({
  'Fn::Join': [
    '',
    [
      ...['arn:', { Ref: 'AWS::Partition' }, `:${service}:`, { Ref: 'AWS::Region' }],
      ...[':', { Ref: 'AWS::AccountId' }, `:${resource}`],
    ],
  ],
});

test('runs on Node.js 24', () => {
  siteTemplate().hasResourceProperties('AWS::Lambda::Function', { Runtime: 'nodejs24.x', Handler: 'index.handler' });
});

test('the role allows each action where it is needed, and "*" only where AWS IoT knows no resource', () => {
  const [role] = Object.values(siteTemplate().findResources('AWS::IAM::Role')) as {
    Properties: { ManagedPolicyArns?: string[]; Policies: { PolicyDocument: { Statement: Statement[] } }[] };
  }[];
  expect(role?.Properties.ManagedPolicyArns).toBeUndefined();
  const allowed = role?.Properties.Policies.flatMap(({ PolicyDocument }) =>
    PolicyDocument.Statement.flatMap(({ Action, Resource }) => [Action].flat().map((action) => [action, Resource])),
  );
  expect(Object.fromEntries(allowed ?? [])).toEqual({
    'iot:CreateCertificateFromCsr': '*',
    'iot:ListAttachedPolicies': '*',
    'iot:AttachPolicy': arn('iot', 'cert/*'),
    'iot:AttachThingPrincipal': arn('iot', 'cert/*'),
    'iot:DeleteCertificate': arn('iot', 'cert/*'),
    'iot:DescribeCertificate': arn('iot', 'cert/*'),
    'iot:DetachPolicy': arn('iot', 'cert/*'),
    'iot:DetachThingPrincipal': arn('iot', 'cert/*'),
    'iot:ListPrincipalThings': arn('iot', 'cert/*'),
    'iot:UpdateCertificate': arn('iot', 'cert/*'),
    'iot:DescribeThing': arn('iot', 'thing/*'),
    'iot:ListThingPrincipals': arn('iot', 'thing/*'),
    'iot:UpdateThing': arn('iot', 'thing/*'),
    'iot:ListTargetsForPolicy': arn('iot', 'policy/*'),
    'iot:CreatePolicy': arn('iot', 'policy/*.detached'),
    'iot:DeletePolicy': arn('iot', 'policy/*.detached'),
    'ssm:DeleteParameter': arn('ssm', 'parameter/esp-fleet/home/*'),
    'ssm:GetParameter': arn('ssm', 'parameter/esp-fleet/home/*'),
    'ssm:GetParametersByPath': arn('ssm', 'parameter/esp-fleet/home/*'),
    'ssm:PutParameter': arn('ssm', 'parameter/esp-fleet/home/*'),
    'cloudformation:DescribeStackResource': arn('cloudformation', 'stack/fleet-site-home/*'),
    'logs:CreateLogStream': { 'Fn::GetAtt': [expect.stringMatching(/LogGroup/), 'Arn'] },
    'logs:PutLogEvents': { 'Fn::GetAtt': [expect.stringMatching(/LogGroup/), 'Arn'] },
  });
});

test('with a key of KMS, it encrypts by that, and may have SSM use it for the identities of its site alone', () => {
  const id = '1234abcd-12ab-34cd-56ef-1234567890ab';
  const template = siteTemplateWith({ kmsKey: id }, 'a');
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: Match.objectLike({ IDENTITY_KMS_KEY: id }) },
  });
  template.hasResourceProperties('AWS::IAM::Role', {
    Policies: [
      {
        PolicyDocument: {
          Statement: Match.arrayWith([
            {
              Sid: 'EncryptIdentities',
              Effect: 'Allow',
              Action: ['kms:Decrypt', 'kms:Encrypt'],
              Resource: arn('kms', `key/${id}`),
              Condition: {
                StringEquals: {
                  'kms:ViaService': { 'Fn::Join': ['', ['ssm.', { Ref: 'AWS::Region' }, '.amazonaws.com']] },
                },
                StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': arn('ssm', 'parameter/esp-fleet/home/*') },
              },
            },
          ]),
        },
      },
    ],
  });
  expect(JSON.stringify(siteTemplate('a').toJSON())).not.toMatch(/kms/i);
});

test('its log lasts a month and goes with the stack', () => {
  siteTemplate().hasResource('AWS::Logs::LogGroup', {
    Properties: { RetentionInDays: 30 },
    DeletionPolicy: 'Delete',
  });
});

test('CloudFormation waits until Lambda has tried an event for the third and last time', () => {
  const template = siteTemplate('a');
  template.hasResourceProperties('AWS::Lambda::Function', { Timeout: 900 });
  // Three runs, a pause of one minute, one of two, and a minute to spare.
  template.hasResourceProperties('Custom::DeviceCertificate', { ServiceTimeout: Match.exact('2940') });
});

import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { EnrolmentStack } from '../../lib/enrolment-stack.ts';
import { fleetSettings } from '../../lib/fleet/settings.ts';
import { valueText } from '../../lib/validation/value-text.ts';
import { templateOf, testApp } from './synthesized.ts';

function template(chosen: object = {}) {
  return templateOf(new EnrolmentStack(testApp(), { fleetId: 'ours', settings: fleetSettings(chosen) }));
}

interface Inline {
  readonly PolicyName: string;
  readonly PolicyDocument: { readonly Statement: Statement[] };
}

interface Policy {
  readonly Properties: Inline;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

test('the claim may enrol, and nothing else', () => {
  const [policy] = Object.values(template({ name: 'dev' }).findResources('AWS::IoT::Policy')) as Policy[];
  expect(policy?.Properties.PolicyName).toBe('dev_Enrolment');
  const [create, provision] = [
    '$aws/certificates/create-from-csr/json',
    '$aws/provisioning-templates/esp-fleet-dev/provision/json',
  ];
  const allowed = policy?.Properties.PolicyDocument.Statement.map(({ Effect, Action, Resource }) => [
    Effect,
    Action,
    ...[Resource].flat().map((arn) => valueText(arn).replace(/^.*AccountId}:/, '')),
  ]);
  expect(allowed).toEqual([
    ['Allow', 'iot:Connect', 'client/dev_Enrolment-*'],
    ['Allow', 'iot:Publish', `topic/${create}`, `topic/${provision}`],
    ['Allow', 'iot:Subscribe', `topicfilter/${create}/*`, `topicfilter/${provision}/*`],
    ['Allow', 'iot:Receive', `topic/${create}/*`, `topic/${provision}/*`],
  ]);
});

test('the key of the claim lies under no site', () => {
  template().hasResourceProperties('Custom::DeviceCertificate', {
    thingName: 'Enrolment',
    policyName: 'Enrolment',
    parameterPath: '/esp-fleet/Enrolment/1',
  });
});

test('the template attaches exclusively what the hook names, which AWS IoT asks for this account and this template alone', () => {
  const stack = template();
  const body = {
    Parameters: {
      device: { Type: 'String', Default: '' },
      code: { Type: 'String', Default: '' },
      thing: { Type: 'String', Default: '' },
      policy: { Type: 'String', Default: '' },
    },
    Resources: {
      thing: {
        Type: 'AWS::IoT::Thing',
        Properties: { ThingName: { Ref: 'thing' }, AttributePayload: { device: { Ref: 'device' } } },
        OverrideSettings: { AttributePayload: 'DO_NOTHING', ThingTypeName: 'DO_NOTHING', ThingGroups: 'DO_NOTHING' },
      },
      certificate: {
        Type: 'AWS::IoT::Certificate',
        Properties: {
          CertificateId: { Ref: 'AWS::IoT::Certificate::Id' },
          Status: 'ACTIVE',
          ThingPrincipalType: 'EXCLUSIVE_THING',
        },
      },
      policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: { Ref: 'policy' } } },
    },
  };
  const hook = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Hook'), 'Arn'] };
  stack.hasResource('AWS::IoT::ProvisioningTemplate', {
    Properties: {
      TemplateName: 'esp-fleet',
      Enabled: true,
      TemplateBody: JSON.stringify(body),
      PreProvisioningHook: { PayloadVersion: '2020-04-01', TargetArn: hook },
      ProvisioningRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ProvisioningRole'), 'Arn'] },
    },
    DependsOn: Match.arrayWith(['AskHook']),
  });
  stack.hasResourceProperties('AWS::Lambda::Permission', {
    Action: 'lambda:InvokeFunction',
    FunctionName: hook,
    Principal: 'iot.amazonaws.com',
    SourceAccount: { Ref: 'AWS::AccountId' },
    SourceArn: { 'Fn::Join': ['', Match.arrayWith([':provisioningtemplate/esp-fleet'])] },
  });
});

test('AWS IoT may change nothing by the template but certificates and things, and makes no policy', () => {
  const roles = Object.values(template().findResources('AWS::IAM::Role')) as { Properties: { Policies?: Inline[] } }[];
  const [provisioning] = roles
    .flatMap(({ Properties }) => Properties.Policies ?? [])
    .filter(({ PolicyName }) => PolicyName === 'Provisioning');
  const actions = provisioning?.PolicyDocument.Statement.flatMap(({ Action }) => Action);
  expect(actions?.filter((action) => !/^iot:(Get|List|Describe)\w+$/.test(action)).sort()).toEqual([
    'iot:AttachPolicy',
    'iot:AttachPrincipalPolicy',
    'iot:AttachThingPrincipal',
    'iot:CreateThing',
    'iot:RegisterThing',
    'iot:UpdateCertificate',
    'iot:UpdateThing',
  ]);
});

test('the hook answers within the 5 seconds that AWS IoT waits, or not at all, and knows how things are called', () => {
  const properties = { Timeout: 5, MemorySize: 512, Runtime: 'nodejs24.x' };
  template({ name: 'dev' }).hasResourceProperties('AWS::Lambda::Function', {
    ...properties,
    Environment: { Variables: { FLEET_NAME: 'dev' } },
  });
  template().hasResourceProperties('AWS::Lambda::Function', { ...properties, Environment: Match.absent() });
});

test('the names of a template have 36 characters at most', () => {
  const name = 'n'.repeat(20);
  const [found] = Object.values(template({ name }).findResources('AWS::IoT::ProvisioningTemplate')) as {
    Properties: { TemplateName: string };
  }[];
  expect(found?.Properties.TemplateName).toMatch(/^[0-9A-Za-z_-]{1,36}$/); // API Reference, CreateProvisioningTemplate
});

test('it is protected from deletion, unless the settings say otherwise', () => {
  const protection = (removal: 'retain' | 'destroy') =>
    new EnrolmentStack(testApp(), { fleetId: 'ours', settings: fleetSettings({ removal }) }).terminationProtection;
  expect([protection('retain'), protection('destroy')]).toEqual([true, false]);
});

test('errors of either function ring at the first one', () => {
  const stack = template();
  for (const name of ['Hook', 'IdentityUsed'])
    stack.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Statistic: 'Sum',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp(`^${name}`) } }],
    });
});

test('a rule hears by which certificate a board says that it uses it, and asks one function alone', () => {
  const stack = template({ name: 'dev' });
  stack.hasResourceProperties('AWS::IoT::TopicRule', {
    RuleName: 'fleet_dev_telemetry_used',
    TopicRulePayload: {
      Sql: "SELECT topic(2) AS device, principal() AS certificate FROM 'rtjm_dev/+/identity/used'",
      AwsIotSqlVersion: '2016-03-23',
      Actions: [{ Lambda: { FunctionArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^IdentityUsed'), 'Arn'] } } }],
    },
  });
  stack.hasResourceProperties('AWS::Lambda::Permission', {
    Principal: 'iot.amazonaws.com',
    SourceAccount: { Ref: 'AWS::AccountId' },
    SourceArn: { 'Fn::Join': ['', Match.arrayWith([':rule/fleet_dev_telemetry_used'])] },
  });
});

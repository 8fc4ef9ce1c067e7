import { Match } from 'aws-cdk-lib/assertions';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NAME_PATTERN } from '../../../lib/fleet/names.ts';
import type { FleetDevice } from '../../../lib/fleet/read.ts';
import { resourcesOf, siteTemplate, siteTemplateWith } from '../synthesized.ts';

interface Statement {
  readonly Resource: Arn | readonly Arn[];
}

interface Arn {
  readonly 'Fn::Sub': string;
}

/** A policy document with the pseudo parameters filled in. */
function policyDocument(
  device: string | Partial<FleetDevice>,
  [partition, region, account] = ['aws', 'eu-central-1', '123456789012'],
  settings = {},
) {
  const values: Readonly<Record<string, string | undefined>> = {
    'AWS::Partition': partition,
    'AWS::Region': region,
    'AWS::AccountId': account,
  };
  const policy = Object.values(resourcesOf(siteTemplateWith(settings, device))).find(
    ({ Type }) => Type === 'AWS::IoT::Policy',
  );
  const { Statement, ...rest } = policy?.Properties?.PolicyDocument as { Statement: Statement[] };
  const textOf = ({ 'Fn::Sub': text }: Arn) =>
    text.replaceAll(/\$\{([\w:]+)\}/g, (all, name: string) => values[name] ?? all);
  return {
    ...rest,
    Statement: Statement.map(({ Resource, ...statement }) => ({
      ...statement,
      Resource: 'Fn::Sub' in Resource ? textOf(Resource) : Resource.map(textOf),
    })),
  };
}

test('the policy allows a device its own name and topics, and nothing else', () => {
  expect(policyDocument('shed')).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Connect',
        Effect: 'Allow',
        Action: 'iot:Connect',
        Resource: 'arn:aws:iot:eu-central-1:123456789012:client/shed',
        Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
      },
      {
        Sid: 'Publish',
        Effect: 'Allow',
        Action: 'iot:Publish',
        Resource: 'arn:aws:iot:eu-central-1:123456789012:topic/rtjm/shed/*',
      },
      {
        Sid: 'Subscribe',
        Effect: 'Allow',
        Action: 'iot:Subscribe',
        Resource: 'arn:aws:iot:eu-central-1:123456789012:topicfilter/cmd/rtjm/shed/*',
      },
      {
        Sid: 'Receive',
        Effect: 'Allow',
        Action: 'iot:Receive',
        Resource: 'arn:aws:iot:eu-central-1:123456789012:topic/cmd/rtjm/shed/*',
      },
    ],
  });
});

test('with basic ingest a device may publish straight to the rule besides, and only what is its own', () => {
  const [connect, publish, ...receiving] = policyDocument('shed').Statement;
  expect(policyDocument('shed', undefined, { ingest: 'basic' }).Statement).toEqual([
    connect,
    {
      ...publish,
      Resource: [
        publish?.Resource,
        'arn:aws:iot:eu-central-1:123456789012:topic/$aws/rules/fleet_telemetry/rtjm/shed/*',
      ],
    },
    ...receiving,
  ]);
});

test('the longest policy is within the 2,048 characters of AWS IoT', () => {
  const document = policyDocument(
    { name: 'x'.repeat(64), enrols: true },
    ['aws-us-gov', 'ap-southeast-99', '123456789012'],
    {
      ingest: 'basic',
      name: 'n'.repeat(20),
      prefix: 'p'.repeat(32),
    },
  );
  expect(JSON.stringify(document).length).toBeLessThan(2_048);
});

test('a device whose board makes its key may besides ask AWS IoT for a certificate, and hear the answer', () => {
  const enrolling = policyDocument({ name: 'shed', enrols: true }).Statement;
  const [connect, publish, subscribe, receive] = policyDocument('shed').Statement;
  const arn = (kind: string, topic: string) => `arn:aws:iot:eu-central-1:123456789012:${kind}/${topic}`;
  const [create, provision] = [
    '$aws/certificates/create-from-csr/json',
    '$aws/provisioning-templates/esp-fleet/provision/json',
  ];
  const answers = (kind: string) => [arn(kind, `${create}/*`), arn(kind, `${provision}/*`)];
  expect(enrolling).toEqual([
    connect,
    { ...publish, Resource: [publish?.Resource, arn('topic', create), arn('topic', provision)] },
    { ...subscribe, Resource: [subscribe?.Resource, ...answers('topicfilter')] },
    { ...receive, Resource: [receive?.Resource, ...answers('topic')] },
  ]);
});

test('no name makes a policy that reaches past the device', () => {
  fc.assert(
    fc.property(fc.stringMatching(NAME_PATTERN), (device) => {
      const resources = policyDocument(device).Statement.map(({ Resource }) =>
        String(Resource).split(':').slice(5).join(':'),
      );
      expect(resources).toEqual([
        `client/${device}`,
        `topic/rtjm/${device}/*`,
        `topicfilter/cmd/rtjm/${device}/*`,
        `topic/cmd/rtjm/${device}/*`,
      ]);
    }),
    { numRuns: 10, examples: [['constructor']] }, // a name that every JavaScript object has
  );
});

test('thing, policy and certificate are found by the name of the device', () => {
  const template = siteTemplate('shed');
  template.hasResourceProperties('AWS::IoT::Thing', { ThingName: 'shed' });
  template.hasResourceProperties('AWS::IoT::Policy', { PolicyName: 'shed' });
  template.hasResourceProperties('Custom::DeviceCertificate', {
    ServiceToken: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DeviceCertificates'), 'Arn'] },
    device: 'shed', // and so are thing and policy
    parameterPath: '/esp-fleet/home/shed/1',
  });
});

test('those of a fleet with a name are called after it', () => {
  siteTemplateWith({ name: 'dev' }, 'shed').hasResourceProperties('Custom::DeviceCertificate', {
    device: 'shed',
    thingName: 'dev_shed',
    policyName: 'dev_shed',
  });
});

test('a certificate is made after and deleted before its thing and policy', () => {
  const resources = resourcesOf(siteTemplate('shed'));
  const idOf = (type: string) => Object.keys(resources).find((id) => resources[id]?.Type === type) ?? '';
  expect(resources[idOf('Custom::DeviceCertificate')]?.DependsOn).toEqual(
    expect.arrayContaining([idOf('AWS::IoT::Thing'), idOf('AWS::IoT::Policy')]),
  );
});

test('a thing that was there before is imported, and stays when the device goes', () => {
  const certificateId = 'a'.repeat(64);
  const template = siteTemplate(
    { name: 'shed', generations: [{ number: 1, keyType: 'ec', certificateId, policies: ['wide'] }] },
    'attic',
  );
  const things = Object.values(resourcesOf(template)).filter(({ Type }) => Type === 'AWS::IoT::Thing');
  expect(things).toMatchObject([
    { Properties: { ThingName: 'attic' } },
    { Properties: { ThingName: 'shed' }, DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' },
  ]);
  expect(things[0]).not.toHaveProperty('DeletionPolicy');
  template.hasResourceProperties('Custom::DeviceCertificate', { device: 'shed', certificateId, policies: ['wide'] });
});

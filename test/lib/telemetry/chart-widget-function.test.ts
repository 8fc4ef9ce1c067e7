import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { fleetSettings } from '../../../lib/fleet/settings.ts';
import { TelemetryStack } from '../../../lib/telemetry-stack.ts';
import { templateOf, testApp } from '../synthesized.ts';

const template = () =>
  templateOf(new TelemetryStack(testApp(), { settings: fleetSettings({}), fleetId: 'ours', sites: ['shed', 'home'] }));
const TABLE = Match.stringLikeRegexp('^TimeSeries');

test('runs on Node.js 24 and knows the table', () => {
  template().hasResourceProperties('AWS::Lambda::Function', {
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Environment: {
      Variables: { TABLE_NAME: { Ref: TABLE }, SITE_STACKS: '["fleet-site-home","fleet-site-shed"]' },
    },
  });
});

test('may ask the time-series by key, list what the sites hold and write its log, and nothing else', () => {
  const one = template();
  one.hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: Match.objectLike({
      Statement: [Match.objectLike({ Principal: { Service: 'lambda.amazonaws.com' } })],
    }),
    ManagedPolicyArns: Match.absent(),
    Policies: [
      Match.objectLike({
        PolicyDocument: Match.objectLike({
          Statement: [
            { Sid: 'Read', Effect: 'Allow', Action: 'dynamodb:Query', Resource: { 'Fn::GetAtt': [TABLE, 'Arn'] } },
            {
              Sid: 'Devices',
              Effect: 'Allow',
              Action: 'cloudformation:ListStackResources',
              Resource: ['home', 'shed'].map((site) => ({
                'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(`:stack/fleet-site-${site}/\\*$`)])],
              })),
            },
            {
              Sid: 'Log',
              Effect: 'Allow',
              Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ChartWidgetLogGroup'), 'Arn'] },
            },
          ],
        }),
      }),
    ],
  });
  // No grant elsewhere, and nobody may invoke it but by permissions of their own.
  one.resourceCountIs('AWS::IAM::Policy', 0);
  one.resourceCountIs('AWS::Lambda::Permission', 0);
  expect(Object.keys(one.findResources('AWS::Lambda::Function'))).toHaveLength(1);
});

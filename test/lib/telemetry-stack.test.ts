import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import type { FleetSettings } from '../../lib/fleet/schema.ts';
import { TelemetryStack } from '../../lib/telemetry-stack.ts';
import { templateOf, testApp } from './synthesized.ts';

function telemetryTemplate(settings: FleetSettings = { removal: 'retain' }): Template {
  return templateOf(new TelemetryStack(testApp(), { settings }));
}

describe('the time-series', () => {
  test('has a row a message, by device and arrival', () => {
    telemetryTemplate().hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'device', KeyType: 'HASH' },
        { AttributeName: 'arrival', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  test('has no name of its own, so that a replacement never collides', () => {
    telemetryTemplate().hasResourceProperties('AWS::DynamoDB::Table', { TableName: Match.absent() });
  });

  test('outlives its stack', () => {
    telemetryTemplate().hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { DeletionProtectionEnabled: true },
    });
  });

  test('goes with its stack when the settings say so', () => {
    telemetryTemplate({ removal: 'destroy' }).hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: { DeletionProtectionEnabled: false },
    });
  });
});

describe('the dead letters', () => {
  test('stay for 14 days, encrypted', () => {
    telemetryTemplate().hasResourceProperties('AWS::SQS::Queue', {
      MessageRetentionPeriod: 14 * 24 * 60 * 60,
      SqsManagedSseEnabled: true,
    });
  });

  test('are refused over a plain connection', () => {
    telemetryTemplate().hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: [Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
      },
    });
  });
});

describe.each(['fleet_telemetry', 'fleet_telemetry_raw'])('the rule %s', (RuleName) => {
  test('writes columns into the time-series, and what that refuses into the dead letters', () => {
    const roleArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^RuleRole'), 'Arn'] };
    telemetryTemplate().hasResourceProperties('AWS::IoT::TopicRule', {
      RuleName,
      TopicRulePayload: {
        AwsIotSqlVersion: '2016-03-23',
        Actions: [
          { DynamoDBv2: { RoleArn: roleArn, PutItem: { TableName: { Ref: Match.stringLikeRegexp('^TimeSeries') } } } },
        ],
        ErrorAction: { Sqs: { RoleArn: roleArn, QueueUrl: { Ref: Match.stringLikeRegexp('^DeadLetters') } } },
      },
    });
  });
});

test('the role of the rules allows two calls and can be assumed for this account only', () => {
  const template = telemetryTemplate();
  template.resourceCountIs('AWS::IAM::Role', 1);
  template.resourceCountIs('AWS::IAM::Policy', 0);
  template.hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Action: 'sts:AssumeRole',
          Effect: 'Allow',
          Principal: { Service: 'iot.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ],
    },
    Policies: [
      {
        PolicyDocument: {
          Statement: [
            {
              Sid: 'Rows',
              Effect: 'Allow',
              Action: 'dynamodb:PutItem',
              Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^TimeSeries'), 'Arn'] },
            },
            {
              Sid: 'DeadLetters',
              Effect: 'Allow',
              Action: 'sqs:SendMessage',
              Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DeadLetters'), 'Arn'] },
            },
          ],
        },
      },
    ],
  });
});

test('tells the command line where rows and dead letters are', () => {
  const { Outputs } = telemetryTemplate().toJSON() as { Outputs: Record<string, unknown> };
  expect(Object.keys(Outputs)).toEqual(['TableName', 'DeadLetterQueueUrl']);
});

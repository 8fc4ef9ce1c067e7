import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { fleetSettings } from '../../lib/fleet/settings.ts';
import { TelemetryStack } from '../../lib/telemetry-stack.ts';
import { rawTelemetrySql, telemetrySql, wholeTelemetrySql } from '../../lib/telemetry/telemetry-sql.ts';
import { templateOf, testApp } from './synthesized.ts';

const OF_THIS_ACCOUNT = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };

function telemetryTemplate(settings = {}): Template {
  return templateOf(
    new TelemetryStack(testApp(), { settings: fleetSettings(settings), fleetId: 'ours', sites: ['home'] }),
  );
}

/** The table of the rows: the stack has another one. */
function timeSeriesTable(...settings: Parameters<typeof telemetryTemplate>) {
  const tables = Object.entries(telemetryTemplate(...settings).findResources('AWS::DynamoDB::Table'));
  const table = tables.find(([id]) => id.startsWith('TimeSeries'))?.[1];
  return table as { Properties: object };
}

describe('the time-series', () => {
  test('has a row a message, by device and arrival', () => {
    expect(timeSeriesTable().Properties).toMatchObject({
      KeySchema: [
        { AttributeName: 'device', KeyType: 'HASH' },
        { AttributeName: 'arrival', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  test('has no name of its own, so that a replacement never collides', () => {
    expect(timeSeriesTable().Properties).not.toHaveProperty('TableName');
  });

  test('outlives its stack', () => {
    expect(timeSeriesTable()).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { DeletionProtectionEnabled: true },
    });
  });

  test('goes with its stack when the settings say so', () => {
    expect(timeSeriesTable({ removal: 'destroy' })).toMatchObject({
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: { DeletionProtectionEnabled: false },
    });
  });

  test('keeps its rows for ever, or for as long as the settings say', () => {
    expect(timeSeriesTable().Properties).not.toHaveProperty('TimeToLiveSpecification');
    expect(timeSeriesTable({ retention: '90d' }).Properties).toMatchObject({
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
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

describe('the settings reach the statements', () => {
  const sqlOf = (settings: object) => {
    const rules = Object.values(telemetryTemplate(settings).findResources('AWS::IoT::TopicRule')) as {
      Properties: { RuleName: string; TopicRulePayload: { Sql: string } };
    }[];
    const ofRows = rules.filter(({ Properties: { RuleName } }) => RuleName !== 'fleet_telemetry_connected');
    return Object.fromEntries(ofRows.map(({ Properties }) => [Properties.RuleName, Properties.TopicRulePayload.Sql]));
  };
  const row = { stamps: ['received'] as const, retention: 86_400 };

  test('two rules share the messages', () => {
    expect(sqlOf({ stamps: ['received'], retention: '1d' })).toEqual({
      fleet_telemetry: telemetrySql('rtjm', row),
      fleet_telemetry_raw: rawTelemetrySql('rtjm', row),
    });
  });

  test('with basic ingest, one takes all', () => {
    expect(sqlOf({ stamps: ['received'], retention: '1d', ingest: 'basic' })).toEqual({
      fleet_telemetry: wholeTelemetrySql('rtjm', row),
    });
  });

  test('and so it does where the settings say that payloads stay whole', () => {
    expect(sqlOf({ stamps: ['received'], retention: '1d', payload: 'raw' })).toEqual({
      fleet_telemetry: wholeTelemetrySql('rtjm', row),
    });
  });

  test('with an alarm for silent devices, another one counts what comes from each, with a role that can do no more', () => {
    const template = telemetryTemplate({ silentAfter: '6h' });
    template.resourceCountIs('AWS::IoT::TopicRule', 4);
    template.hasResourceProperties('AWS::IoT::TopicRule', {
      RuleName: 'fleet_telemetry_seen',
      TopicRulePayload: {
        Sql: "SELECT topic(2) AS device FROM 'rtjm/#'",
        Actions: [
          {
            CloudwatchMetric: {
              RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^SeenRuleRole'), 'Arn'] },
              MetricNamespace: 'esp-fleet',
              MetricName: '${topic(2)}',
              MetricValue: '1',
              MetricUnit: 'Count',
            },
          },
        ],
        ErrorAction: Match.absent(),
      },
    });
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: Match.objectLike({
        Statement: [Match.objectLike({ Principal: { Service: 'iot.amazonaws.com' }, Condition: OF_THIS_ACCOUNT })],
      }),
      Policies: [
        Match.objectLike({
          PolicyDocument: Match.objectLike({
            Statement: [
              {
                Sid: 'Count',
                Effect: 'Allow',
                Action: 'cloudwatch:PutMetricData',
                Resource: '*',
                Condition: { StringEquals: { 'cloudwatch:namespace': 'esp-fleet' } },
              },
            ],
          }),
        }),
      ],
    });
  });
});

describe('by which certificate each device connected last', () => {
  const CONNECTED = "FROM '$aws/events/presence/connected/+'";

  test.each([
    ['of the fleet without a name', {}, '^[a-z0-9-]{1,64}$', 'fleet_telemetry_connected'],
    ['of a fleet with a name', { name: 'dev' }, '^dev_[a-z0-9-]{1,64}$', 'fleet_dev_telemetry_connected'],
  ])('is kept in a table of its own, %s', (_, settings, clients, RuleName) => {
    const template = telemetryTemplate(settings);
    const table = { Ref: Match.stringLikeRegexp('^UsedIdentities') };
    template.hasResourceProperties('AWS::IoT::TopicRule', {
      RuleName,
      TopicRulePayload: {
        Sql:
          `SELECT clientId AS client, principalIdentifier AS certificate, timestamp() AS connected ${CONNECTED} ` +
          `WHERE regexp_matches(clientId, '${clients}') AND regexp_matches(principalIdentifier, '^[0-9a-f]{64}$')`,
        Actions: [{ DynamoDBv2: { PutItem: { TableName: table } } }],
      },
    });
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [{ AttributeName: 'client', KeyType: 'HASH' }],
    });
    template.hasOutput('UsedIdentitiesTableName', { Value: table });
  });

  test('by a role that can do no more', () => {
    telemetryTemplate().hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: Match.objectLike({
        Statement: [Match.objectLike({ Principal: { Service: 'iot.amazonaws.com' }, Condition: OF_THIS_ACCOUNT })],
      }),
      Policies: [
        Match.objectLike({
          PolicyDocument: Match.objectLike({
            Statement: [
              {
                Sid: 'Connections',
                Effect: 'Allow',
                Action: 'dynamodb:PutItem',
                Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^UsedIdentities'), 'Arn'] },
              },
            ],
          }),
        }),
      ],
    });
  });
});

test('the role of the rules allows two calls and can be assumed for this account only', () => {
  const template = telemetryTemplate();
  template.resourceCountIs('AWS::IAM::Role', 3);
  template.resourceCountIs('AWS::IAM::Policy', 0);
  template.hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Action: 'sts:AssumeRole',
          Effect: 'Allow',
          Principal: { Service: 'iot.amazonaws.com' },
          Condition: OF_THIS_ACCOUNT,
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

test('tells the command line where rows and dead letters are, and what a row consists of', () => {
  const settings = { stamps: ['received'], retention: '1d', ingest: 'basic' };
  const { Outputs } = telemetryTemplate(settings).toJSON() as { Outputs: Record<string, { Value: unknown }> };
  expect(Object.keys(Outputs)).toEqual(['TableName', 'UsedIdentitiesTableName', 'DeadLetterQueueUrl', 'RowSettings']);
  expect(JSON.parse(String(Outputs.RowSettings?.Value))).toEqual({ ...settings, payload: 'raw', retention: 86_400 });
});

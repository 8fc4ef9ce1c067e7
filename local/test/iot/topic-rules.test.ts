import type { Action, TopicRulePayload } from '@aws-sdk/client-iot';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Principal } from '../../src/policy/principal.ts';
import { IotCloud, arn } from './iot-cloud.ts';

let cloud: IotCloud;
beforeAll(async () => {
  cloud = await IotCloud.start();
});
afterAll(() => cloud.stop());

const ROLE = 'arn:aws:iam::123456789012:role/rule';
const columns: Action = { dynamoDBv2: { roleArn: ROLE, putItem: { tableName: 'readings' } } };
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:topic';
const payload = (changes: Partial<TopicRulePayload> = {}): TopicRulePayload => ({
  sql: "SELECT * FROM 'rtjm/#'",
  awsIotSqlVersion: '2016-03-23',
  actions: [columns],
  ...changes,
});
const create = (ruleName: string, topicRulePayload: TopicRulePayload, principal?: Principal): Promise<unknown> =>
  cloud.call('CreateTopicRule', { ruleName, topicRulePayload }, principal);

it('makes, answers, lists, replaces and deletes a rule', async () => {
  const made = payload({
    description: 'rows',
    errorAction: { sqs: { roleArn: ROLE, queueUrl: 'q', useBase64: true } },
  });
  await cloud.call('CreateTopicRule', { ruleName: 'rows', topicRulePayload: made, tags: 'team=home&cost=0%20EUR' });
  expect(await cloud.call('GetTopicRule', { ruleName: 'rows' })).toEqual({
    ruleArn: arn('rule/rows'),
    rule: { ruleName: 'rows', ruleDisabled: false, createdAt: expect.any(Date) as Date, ...made },
  });
  expect(await cloud.call('ListTagsForResource', { resourceArn: arn('rule/rows') })).toEqual({
    tags: [
      { Key: 'team', Value: 'home' },
      { Key: 'cost', Value: '0 EUR' },
    ],
  });
  await expect(create('rows', made)).rejects.toMatchObject({ code: 'ResourceAlreadyExistsException' });
  await cloud.call('ReplaceTopicRule', { ruleName: 'rows', topicRulePayload: payload({ ruleDisabled: true }) });
  expect(await cloud.call('ListTopicRules', { ruleDisabled: true })).toEqual({
    rules: [
      {
        ruleArn: arn('rule/rows'),
        ruleName: 'rows',
        topicPattern: 'rtjm/#',
        createdAt: expect.any(Date) as Date,
        ruleDisabled: true,
      },
    ],
  });
  // The version that AWS takes where none is given (API Reference, TopicRulePayload).
  await cloud.call('ReplaceTopicRule', {
    ruleName: 'rows',
    topicRulePayload: payload({ awsIotSqlVersion: undefined }),
  });
  expect(await cloud.call('GetTopicRule', { ruleName: 'rows' })).toMatchObject({
    rule: { awsIotSqlVersion: '2015-10-08' },
  });
  await cloud.call('DeleteTopicRule', { ruleName: 'rows' });
  await expect(cloud.call('GetTopicRule', { ruleName: 'rows' })).rejects.toMatchObject({
    code: 'UnauthorizedException',
    message: "Access to topic rule 'rows' was denied",
  });
});

it.each<[what: string, payload: TopicRulePayload, code: string, message: RegExp]>([
  ['SQL that is none', payload({ sql: "SELEKT * FROM 'a'" }), 'SqlParseException', /^line 1, column 1: /],
  ['a filter that is none', payload({ sql: "SELECT * FROM 'a/#/b'" }), 'SqlParseException', /topic filter/],
  ['a reserved topic', payload({ sql: "SELECT * FROM '$aws/events/#'" }), 'NotImplemented', /\$aws\/events\/#/],
  ['a beta of SQL', payload({ awsIotSqlVersion: 'beta' }), 'NotImplemented', /SQL version beta \(there are 2015-10-08/],
  [
    'newer SQL in a rule that names no version',
    payload({ awsIotSqlVersion: undefined, sql: "SELECT encode(*, 'base64') AS raw FROM 'a'" }),
    'SqlParseException',
    /column 8: SQL version 2015-10-08 has not the function encode: set awsIotSqlVersion to 2016-03-23/,
  ],
  [
    'newer SQL in a template of such a rule',
    payload({
      awsIotSqlVersion: undefined,
      actions: [{ dynamoDBv2: { roleArn: ROLE, putItem: { tableName: "t${indexof(topic(), 'x')}" } } }],
    }),
    'SqlParseException',
    /has not the function indexof/,
  ],
  [
    'a template that is none',
    payload({ actions: [{ dynamoDBv2: { roleArn: ROLE, putItem: { tableName: '${topic(}' } } }] }),
    'SqlParseException',
    /^line 1/,
  ],
  [
    'an action of another kind',
    payload({ actions: [{ firehose: { roleArn: ROLE, deliveryStreamName: 's' } }] }),
    'NotImplemented',
    /the rule action firehose is not implemented/,
  ],
  [
    'a FIFO topic',
    payload({ actions: [{ sns: { roleArn: ROLE, targetArn: `${TOPIC}.fifo` } }] }),
    'InvalidRequestException',
    /FIFO topics/,
  ],
  [
    'a message format that is none',
    payload({ actions: [{ sns: { roleArn: ROLE, targetArn: TOPIC, messageFormat: 'XML' as 'RAW' } }] }),
    'InvalidRequestException',
    /messageFormat of the sns action is XML; allowed are RAW and JSON/,
  ],
  [
    'a topic and no role',
    payload({ actions: [{ sns: { roleArn: '', targetArn: TOPIC } }] }),
    'InvalidRequestException',
    /the sns action has no roleArn/,
  ],
  [
    'an error action of another kind',
    payload({ errorAction: { kinesis: { roleArn: ROLE, streamName: 's' } } }),
    'NotImplemented',
    /the rule action kinesis/,
  ],
  [
    'an object that everybody may read',
    payload({ actions: [{ s3: { roleArn: ROLE, bucketName: 'b', key: 'k', cannedAcl: 'public-read' } }] }),
    'NotImplemented',
    /cannedAcl public-read of the s3 action/,
  ],
  [
    'headers of MQTT 5',
    payload({ actions: [{ republish: { roleArn: ROLE, topic: 't', headers: { contentType: 'text/plain' } } }] }),
    'NotImplemented',
    /headers of the republish action/,
  ],
  [
    'a batch for CloudWatch Logs',
    payload({ actions: [{ cloudwatchLogs: { roleArn: ROLE, logGroupName: 'g', batchMode: true } }] }),
    'NotImplemented',
    /batchMode of the cloudwatchLogs action/,
  ],
  [
    'two actions in one',
    payload({ actions: [{ ...columns, sqs: { roleArn: ROLE, queueUrl: 'q' } }] }),
    'InvalidRequestException',
    /exactly one/,
  ],
  ['an empty action', payload({ actions: [{}] }), 'InvalidRequestException', /exactly one/],
  [
    'an action without a table',
    payload({ actions: [{ dynamoDBv2: { roleArn: ROLE, putItem: { tableName: '' } } }] }),
    'InvalidRequestException',
    /the dynamoDBv2 action has no putItem.tableName/,
  ],
  [
    'a FIFO queue',
    payload({ actions: [{ sqs: { roleArn: ROLE, queueUrl: 'https://q.fifo' } }] }),
    'InvalidRequestException',
    /FIFO/,
  ],
  [
    'another operation',
    payload({
      actions: [
        { dynamoDB: { roleArn: ROLE, tableName: 't', hashKeyField: 'k', hashKeyValue: 'v', operation: 'DELETE' } },
      ],
    }),
    'NotImplemented',
    /the operation DELETE of the dynamoDB action/,
  ],
  ['11 actions', payload({ actions: Array(11).fill(columns) as Action[] }), 'InvalidRequestException', /at most 10/],
])('refuses %s, and keeps nothing of it', async (_, given, code, message) => {
  await expect(create('refused', given)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
  await expect(cloud.call('GetTopicRule', { ruleName: 'refused' })).rejects.toThrow();
});

it('refuses a name with other characters', async () => {
  await expect(create('a-b', payload())).rejects.toMatchObject({ code: 'InvalidRequestException' });
});

it('wants iam:PassRole on the roles of all actions, for AWS IoT alone', async () => {
  await cloud.dispatcher.invoke(cloud.operator, 'iam', 'CreateRole', {
    RoleName: 'deployer',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'cloudformation.amazonaws.com' } },
    }),
  });
  const permit = (service: string): Promise<unknown> =>
    cloud.dispatcher.invoke(cloud.operator, 'iam', 'PutRolePolicy', {
      RoleName: 'deployer',
      PolicyName: 'deployer',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'iot:*', Resource: '*' },
          {
            Effect: 'Allow',
            Action: 'iam:PassRole',
            Resource: ROLE,
            Condition: { StringEquals: { 'iam:PassedToService': service } },
          },
        ],
      }),
    });
  const deployer = cloud.iam.session(cloud.iam.role('deployer'), 'test');
  await permit('lambda.amazonaws.com');
  await expect(create('passed', payload(), deployer)).rejects.toMatchObject({ code: 'AccessDeniedException' });
  expect(cloud.log.refusals.at(-1)).toMatchObject({ action: 'iam:PassRole', resource: ROLE });
  await permit('iot.amazonaws.com');
  const other = { sqs: { roleArn: `${ROLE}-2`, queueUrl: 'q' } };
  await expect(create('passed', payload({ errorAction: other }), deployer)).rejects.toThrow(`${ROLE}-2`);
  await create('passed', payload(), deployer);
});

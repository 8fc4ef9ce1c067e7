import type { Action, TopicRulePayload } from '@aws-sdk/client-iot';
import type { MqttClient } from 'mqtt';
import { afterEach, beforeEach } from 'vitest';
import type { Readings } from '../../src/readings.ts';
import { type Identity, IotCloud } from './iot-cloud.ts';

export const ROLE = 'arn:aws:iam::123456789012:role/rule';
export const QUEUE = 'https://sqs.eu-central-1.amazonaws.com/123456789012/dead-letters';
export const TOPIC = 'rtjm/kitchen/telemetry';
const STAMPS = "SELECT *, topic() AS full_topic, timestamp() AS received FROM 'rtjm/#'";

/** New for each test. */
export let cloud: IotCloud;
export let kitchen: Identity;
export let client: MqttClient;

/** Starts a cloud before each test, with a role for rules and a device that may do everything, connected. */
export function useRuleCloud(readings?: Partial<Readings>): void {
  beforeEach(async () => {
    cloud = await IotCloud.start(undefined, readings);
    await cloud.dispatcher.invoke(cloud.operator, 'iam', 'CreateRole', {
      RoleName: 'rule',
      AssumeRolePolicyDocument: JSON.stringify(trust('iot.amazonaws.com')),
    });
    await permit(['dynamodb:PutItem', 'sqs:SendMessage', 'cloudwatch:PutMetricData'], '*');
    kitchen = await cloud.device('kitchen', {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' },
    });
    client = await cloud.connect(kitchen, 'kitchen');
  });
  afterEach(() => cloud.stop());
}

export const trust = (service: string): object => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } },
});

/** Lets the rules' role do this, and nothing else. */
export const permit = (actions: string[], resource: string): Promise<unknown> =>
  cloud.dispatcher.invoke(cloud.operator, 'iam', 'PutRolePolicy', {
    RoleName: 'rule',
    PolicyName: 'rule',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: actions, Resource: resource },
    }),
  });

export const rule = (ruleName: string, payload: Partial<TopicRulePayload>): Promise<unknown> =>
  cloud.call('CreateTopicRule', {
    ruleName,
    topicRulePayload: { sql: STAMPS, awsIotSqlVersion: '2016-03-23', actions: [], ...payload },
  });

export const columns: Action = { dynamoDBv2: { roleArn: ROLE, putItem: { tableName: 'readings' } } };
export const queue: Action = { sqs: { roleArn: ROLE, queueUrl: QUEUE, useBase64: false } };

export const publish = (payload: string | Buffer, topic = TOPIC): Promise<unknown> =>
  client.publishAsync(topic, payload, { qos: 1 });

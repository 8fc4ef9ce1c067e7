import { CloudWatchClient, DescribeAlarmsCommand, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { DynamoDBClient, ListTablesCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { IoTClient, ListTopicRulesCommand } from '@aws-sdk/client-iot';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { board, connected, cutOff, readPems } from '../../testing/cloud/board.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';

/*
 * The settings of the fleet, from cdk.json to the rows of a device; and a change of them, with rows and a board there.
 */

const DAY = 86_400;
const kmsKey = '1234abcd-12ab-34cd-56ef-1234567890ab';
const BROKER = { kmsKey, stamps: ['received'], retention: '1d', silentAfter: '1h', github: 'me/garden' };
const BASIC = { ingest: 'basic', stamps: [], retention: undefined, silentAfter: undefined };

describe('the settings of the fleet', () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await startDeployment();
    await deploy(BROKER);
    await deployment.fleet('secrets', 'kitchen-sensor', '--pem', deployment.folder);
  });
  afterAll(() => deployment?.close());

  async function deploy(settings: object): Promise<void> {
    Object.assign(deployment.settings, settings);
    const deployed = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    expect(deployed.code, deployed.stderr).toBe(0);
  }

  it('has a role that GitHub may assume, once somebody names a repository', async () => {
    const { Stacks } = await new CloudFormationClient(deployment.client).send(
      new DescribeStacksCommand({ StackName: 'fleet-github' }),
    );
    const [, roleName] = /:role\/(.+)$/.exec(Stacks?.[0]?.Outputs?.[0]?.OutputValue ?? '') ?? [];
    const { Role } = await new IAMClient(deployment.client).send(new GetRoleCommand({ RoleName: roleName }));
    const trust = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '');
    expect(trust).toContain('"arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"');
    expect(trust).toContain('"repo:me@*/garden@*:environment:fleet"');
  });

  it('lets no device ring that is not due yet', async () => {
    const { MetricAlarms = [] } = await new CloudWatchClient(deployment.client).send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: 'fleet-alarms-home' }),
    );
    expect(MetricAlarms.map(({ StateValue }) => StateValue)).toEqual(['OK', 'OK']);
  });

  async function publish(prefix: string, ...payloads: (string | Buffer)[]): Promise<void> {
    const client = board(deployment.cloud.mqttPort, 'kitchen-sensor', readPems(deployment.folder));
    await connected(client);
    for (const payload of payloads) await client.publishAsync(`${prefix}kitchen-sensor/telemetry`, payload, { qos: 1 });
    await client.endAsync();
  }

  /** The device's rows in the order of their arrival, without the sort key. */
  async function rows(): Promise<Record<string, unknown>[]> {
    const dynamoDB = new DynamoDBClient(deployment.client);
    const { TableNames: [TableName] = [] } = await dynamoDB.send(new ListTablesCommand({}));
    const { Items = [] } = await dynamoDB.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'device = :device',
        ExpressionAttributeValues: { ':device': { S: 'kitchen-sensor' } },
      }),
    );
    return Items.map((item) => {
      const { arrival, ...row } = unmarshall(item);
      expect(arrival).toMatch(/^\d{13}#[0-9a-f-]{36}$/);
      return row;
    });
  }

  /** The curve of the dashboard, as many points. */
  async function pointsOfCurve(): Promise<number> {
    const lambda = new LambdaClient(deployment.client);
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
    const timeRange = { start: Date.now() - 60_000, end: Date.now() + 60_000 };
    // Broad enough that no two messages share a column of pixels.
    const widgetContext = { timeRange, width: 200_000, height: 300, params: { devices: 'kitchen-sensor' } };
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({
        FunctionName: Functions.find(({ FunctionName }) => FunctionName?.includes('ChartWidget'))?.FunctionName,
        Payload: Buffer.from(JSON.stringify({ fields: 'temperature', widgetContext })),
      }),
    );
    const html = JSON.parse(Buffer.from(Payload ?? []).toString()) as string;
    expect(FunctionError, html).toBeUndefined();
    const [, path = ''] = /<path d="([^"]*)"/.exec(html) ?? [];
    return path.split(/[ML]/).length - 1;
  }

  async function ruleNames(): Promise<(string | undefined)[]> {
    const { rules = [] } = await new IoTClient(deployment.client).send(new ListTopicRulesCommand({}));
    return rules.map(({ ruleName }) => ruleName).sort();
  }

  it('stamps, retention and the count of messages, for every kind of payload', async () => {
    expect(await ruleNames()).toEqual([
      'fleet_telemetry',
      'fleet_telemetry_connected',
      'fleet_telemetry_raw',
      'fleet_telemetry_seen',
    ]);
    const bytes = Buffer.from([0, 255, 1]);
    const payloads = ['{"temperature":21.5}', '21.5', '', bytes, '{"temperature":22,"expires":1}'];
    await publish('rtjm/', ...payloads);

    const kept = await rows();
    const stamped = kept.map(({ received, expires, ...fields }) => {
      expect(expires).toBe(Math.floor(Number(received) / 1_000) + DAY);
      return fields;
    });
    const raw = (payload: string | Buffer) => Buffer.from(payload as string).toString('base64');
    expect(stamped).toEqual([
      { device: 'kitchen-sensor', temperature: 21.5 },
      ...payloads.slice(1).map((payload) => ({ device: 'kitchen-sensor', raw: raw(payload) })),
    ]);
    expect(await pointsOfCurve()).toBe(2);

    const cloudWatch = new CloudWatchClient(deployment.client);
    const { Datapoints = [] } = await cloudWatch.send(
      new GetMetricStatisticsCommand({
        Namespace: 'esp-fleet',
        MetricName: 'kitchen-sensor',
        Statistics: ['Sum'],
        Period: 3_600,
        StartTime: new Date(Date.now() - 3_600_000),
        EndTime: new Date(Date.now() + 3_600_000),
      }),
    );
    expect(Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0)).toBe(payloads.length);
  });

  it('basic ingest: straight to the one rule there is, whole; and a board flashed before loses nothing', async () => {
    const before = await rows();
    await deploy(BASIC);
    expect(await ruleNames()).toEqual(['fleet_telemetry', 'fleet_telemetry_connected']);
    const payloads = ['{"temperature":23}', '7', '{"temperature":24}'];
    await publish('$aws/rules/fleet_telemetry/rtjm/', ...payloads.slice(0, 2));
    await publish('rtjm/', ...payloads.slice(2));

    const raw = payloads.map((payload) => Buffer.from(payload).toString('base64'));
    expect(await rows()).toEqual([...before, ...raw.map((one) => ({ device: 'kitchen-sensor', raw: one }))]);
    expect(await pointsOfCurve()).toBe(4);
  });

  it('no other device may publish under this one, by neither way', async () => {
    const before = await rows();
    await deployment.fleet('secrets', 'garage-door', '--pem', join(deployment.folder, 'garage'));
    for (const prefix of ['', '$aws/rules/fleet_telemetry/']) {
      const client = board(deployment.cloud.mqttPort, 'garage-door', readPems(join(deployment.folder, 'garage')));
      await connected(client);
      client.publish(`${prefix}rtjm/kitchen-sensor/telemetry`, '{}', { qos: 1 });
      await cutOff(client);
    }
    expect(await rows()).toEqual(before);
  });
});

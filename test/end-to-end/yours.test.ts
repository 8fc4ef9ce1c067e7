import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicRuleCommand, DeleteTopicRuleCommand, GetTopicRuleCommand, IoTClient } from '@aws-sdk/client-iot';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { join } from 'node:path';
import { mkdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ScratchRepository } from '../cli/review/scratch-repository.ts';
import { board, connected } from '../../testing/cloud/board.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { emittedIdentity } from '../../testing/cloud/emitted-identity.ts';
import { type Finished, ROOT, run } from '../../testing/cloud/process.ts';

/* Constructs of a user beside ours: the example of docs/yours.md, in a copy of this repository. */

const [, STACKS = ''] = /```ts\n([^]*?)```/.exec(readFileSync('docs/yours.md', 'utf8')) ?? [];
const WITHIN = { timeout: 30_000, interval: 100 };

let deployment: Deployment;
let repository: ScratchRepository;

beforeAll(async () => {
  deployment = await startDeployment();
  repository = new ScratchRepository();
  mkdirSync(join(repository.folder, 'yours'));
  repository.write('yours/stacks.ts', STACKS);
  const { code, stderr } = await cdk('deploy', '--all');
  expect(code, stderr).toBe(0);
}, 120_000);
afterAll(async () => {
  repository?.remove();
  await deployment?.close();
});

function cdk(...args: string[]): Promise<Finished> {
  const settings = JSON.stringify({ removal: 'destroy' });
  const context = ['-c', `fleetDir=${deployment.fleetDir}`, '-c', `fleet=${settings}`, '--app', 'node bin/app.mjs'];
  return run(process.execPath, [join(ROOT, 'node_modules/aws-cdk/bin/cdk'), ...args, ...context, '--force'], {
    cwd: repository.folder,
    env: { ...deployment.cloud.environment, CDK_DISABLE_CLI_TELEMETRY: 'true' },
    limitMs: 90_000,
  });
}

async function physicalId(stack: string, type: string): Promise<string> {
  const cloudFormation = new CloudFormationClient(deployment.client);
  const { StackResources = [] } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName: stack }));
  return StackResources.find(({ ResourceType }) => ResourceType === type)?.PhysicalResourceId ?? '';
}

async function publish(...payloads: (string | Buffer)[]): Promise<void> {
  const { pems } = await emittedIdentity(deployment, 'home', 'kitchen-sensor');
  const client = board(deployment.cloud.mqttPort, 'kitchen-sensor', pems);
  await connected(client);
  for (const payload of payloads) await client.publishAsync('rtjm/kitchen-sensor/telemetry', payload, { qos: 1 });
  await client.endAsync();
}

async function deadLetter(): Promise<unknown> {
  const sqs = new SQSClient(deployment.client);
  const QueueUrl = await physicalId('fleet-telemetry', 'AWS::SQS::Queue');
  const { Messages: [letter] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  if (letter !== undefined) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: letter.ReceiptHandle }));
  return JSON.parse(letter?.Body ?? '{}');
}

it('calls the function for what is hot, and for nothing else, and what it keeps is in the bucket', async () => {
  await publish('{"temperature":29.5}', 'no JSON', '{"temperature":31.5}');
  const s3 = new S3Client({ ...deployment.client, forcePathStyle: true });
  const Bucket = await physicalId('fleet-telemetry-heat', 'AWS::S3::Bucket');
  const objects = await vi.waitFor(async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents).toHaveLength(1);
    return Contents;
  }, WITHIN);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: objects[0]?.Key }));
  expect(JSON.parse((await Body?.transformToString()) ?? '')).toEqual({ temperature: 31.5, device: 'kitchen-sensor' });
});

it('lets no rule call the function but the one that its policy names', async () => {
  const iot = new IoTClient(deployment.client);
  const { rule } = await iot.send(new GetTopicRuleCommand({ ruleName: 'fleet_telemetry_hot' }));
  const { actions, errorAction, sql, awsIotSqlVersion } = rule ?? {};
  await iot.send(
    new CreateTopicRuleCommand({
      ruleName: 'another',
      topicRulePayload: { actions, errorAction, sql, awsIotSqlVersion },
    }),
  );
  await publish('{"temperature":45}');
  await iot.send(new DeleteTopicRuleCommand({ ruleName: 'another' }));
  expect(await deadLetter()).toMatchObject({
    ruleName: 'another',
    failures: [{ errorMessage: expect.stringMatching(/not authorized to perform: lambda:InvokeFunction/) as string }],
  });
});

it('sends what the function cannot be given to the dead letters of the fleet', async () => {
  const FunctionName = await physicalId('fleet-telemetry-heat', 'AWS::Lambda::Function');
  await new LambdaClient(deployment.client).send(new DeleteFunctionCommand({ FunctionName }));
  await publish('{"temperature":40}');
  expect(await deadLetter()).toMatchObject({
    ruleName: 'fleet_telemetry_hot',
    failures: [{ failedAction: 'LambdaAction' }],
  });
});

import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Cloud, Faults, memoryLog, startCloud } from '../../src/cloud.ts';
import { zip } from '../support/zip.ts';

/** Signs its one call by what the environment says, without an SDK: it writes a parameter, then says so. */
const CODE = `
import { createHash, createHmac } from 'node:crypto';
const sha = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
export const handler = async ({ name }, { awsRequestId }) => {
  const { AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  const body = JSON.stringify({ Name: name, Value: awsRequestId, Type: 'String', Overwrite: true });
  const time = new Date().toISOString().replace(/[-:]|\\.\\d+/g, '');
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    host: new URL(AWS_ENDPOINT_URL).host,
    'x-amz-date': time,
    'x-amz-security-token': AWS_SESSION_TOKEN,
    'x-amz-target': 'AmazonSSM.PutParameter',
  };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([key, value]) => key + ':' + value + '\\n').join('');
  const scope = [time.slice(0, 8), AWS_REGION, 'ssm', 'aws4_request'];
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha(['POST', '/', '', lines, names, sha(body)].join('\\n'))];
  const signature = hmac(scope.reduce(hmac, 'AWS4' + AWS_SECRET_ACCESS_KEY), text.join('\\n')).toString('hex');
  const authorization = \`AWS4-HMAC-SHA256 Credential=\${AWS_ACCESS_KEY_ID}/\${scope.join('/')}, SignedHeaders=\${names}, Signature=\${signature}\`;
  const { host, ...sent } = headers;
  const response = await fetch(AWS_ENDPOINT_URL, { method: 'POST', headers: { ...sent, authorization }, body });
  console.log('wrote ' + name + ': ' + response.status);
};
`;

const ROLE = 'arn:aws:iam::000000000000:role/writer';
const GROUP = '/aws/lambda/writer';
const faults = new Faults();
let cloud: Cloud;
let lambda: LambdaClient;
let ssm: SSMClient;
let logs: CloudWatchLogsClient;

beforeAll(async () => {
  cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog(), faults });
  const { AWS_REGION: region, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = cloud.environment;
  const client = {
    endpoint: cloud.endpoint,
    region: region ?? '',
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID ?? '', secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '' },
    maxAttempts: 1,
  };
  [lambda, ssm, logs] = [new LambdaClient(client), new SSMClient(client), new CloudWatchLogsClient(client)];
  const iam = new IAMClient(client);
  const document = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
  const trust = document({ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' });
  await iam.send(new CreateRoleCommand({ RoleName: 'writer', AssumeRolePolicyDocument: trust }));
  const allowed = document({ Action: ['ssm:PutParameter', 'logs:*'], Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'writer', PolicyName: 'write', PolicyDocument: allowed }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'writer',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: ROLE,
      Timeout: 10,
      Code: { ZipFile: zip({ 'index.mjs': CODE }) },
    }),
  );
});
afterAll(() => cloud?.close());
beforeEach(() => faults.clear());

const invoke = (name: string, InvocationType: 'Event' | 'RequestResponse') =>
  lambda.send(new InvokeCommand({ FunctionName: 'writer', InvocationType, Payload: JSON.stringify({ name }) }));
const versionOf = async (Name: string) => (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Version;
const call = { service: 'ssm', operation: 'PutParameter', caller: ROLE } as const;

test('crash before: the process is killed, and its call has no effect', async () => {
  faults.add({ ...call, kind: 'crash before' });
  const { FunctionError, Payload } = await invoke('/before', 'RequestResponse');
  expect(FunctionError).toBe('Unhandled');
  expect(Payload?.transformToString()).toContain('signal: killed');
  await expect(versionOf('/before')).rejects.toMatchObject({ name: 'ParameterNotFound' });
});

test('crash after: the process is killed once its call has had its effect', async () => {
  faults.add({ ...call, kind: 'crash after' });
  const { Payload } = await invoke('/after', 'RequestResponse');
  expect(Payload?.transformToString()).toContain('signal: killed');
  expect(await versionOf('/after')).toBe(1);
});

test('an event whose function crashes is run again by Lambda', async () => {
  faults.add({ ...call, kind: 'crash before' });
  await invoke('/again', 'Event');
  await vi.waitFor(async () => expect(await versionOf('/again')).toBe(1), { timeout: 30_000 });
  expect(faults.injected).toHaveLength(1);
});

test('answer twice: an event is delivered to two runs under one request id', async () => {
  faults.add({ service: 'lambda', operation: 'Invoke', kind: 'answer twice' });
  await invoke('/twice', 'Event');
  const lines = async () => {
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: GROUP }));
    return events.map(({ message = '' }) => message).filter((message) => message.includes('wrote /twice: 200'));
  };
  await vi.waitFor(async () => expect(await lines()).toHaveLength(2), { timeout: 30_000 });
  const requestIds = (await lines()).map((line) => line.split('\t')[1]);
  expect(new Set(requestIds).size).toBe(1);
  expect(await versionOf('/twice')).toBe(2);
});

test('answer twice, later: the second delivery comes when the test says so', async () => {
  let deliver: () => void = () => {};
  const again = new Promise<void>((resolve) => (deliver = resolve));
  faults.add({ service: 'lambda', operation: 'Invoke', kind: 'answer twice', again });
  await invoke('/later', 'Event');
  await vi.waitFor(async () => expect(await versionOf('/later')).toBe(1), { timeout: 30_000 });
  deliver();
  await vi.waitFor(async () => expect(await versionOf('/later')).toBe(2), { timeout: 30_000 });
});

import { CloudFormationClient, DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { CreateRoleCommand, DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cloud, memoryLog, startCloud } from '../../src/cloud.ts';
import { stackClient } from '../cloudformation/stack-client.ts';
import { type ClientOptions } from '../support/start-services.ts';
import { cloudClient } from '../support/cloud-client.ts';
import { zip } from '../support/zip.ts';
import { secondsUntil } from './seconds-until.ts';

let cloud: Cloud;
let options: ClientOptions;
let iam: IAMClient;
// A new role is seen after 2 s, a policy of it after 4 s, and CloudFormation waits for 3 s.
beforeAll(async () => {
  cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog(), pace: { name: 'aws', divideLags: 5 } });
  options = cloudClient(cloud);
  iam = new IAMClient(options);
});
afterAll(() => cloud.close());

const document = (statement: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
const trust = (Principal: object) => document({ Principal, Action: 'sts:AssumeRole' });
const PolicyDocument = document({ Action: 'ssm:GetParametersByPath', Resource: '*' });
const arn = (role: string) => `arn:aws:iam::000000000000:role/${role}`;

it('a new role can be assumed after a while, and what it may do counts later', async () => {
  const RoleName = 'reader';
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust({ AWS: '000000000000' }) }));
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'read', PolicyDocument }));
  const sts = new STSClient(options);
  const assume = () => sts.send(new AssumeRoleCommand({ RoleArn: arn(RoleName), RoleSessionName: 'test' }));
  await expect(assume()).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
  expect(await secondsUntil(assume, 'AccessDenied')).toBeGreaterThan(1);
  const { Credentials: keys } = await assume();
  const credentials = {
    accessKeyId: keys?.AccessKeyId ?? '',
    secretAccessKey: keys?.SecretAccessKey ?? '',
    sessionToken: keys?.SessionToken ?? '',
  };
  const ssm = new SSMClient({ ...options, credentials });
  const read = () => ssm.send(new GetParametersByPathCommand({ Path: '/' }));
  await expect(read()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(await secondsUntil(read, 'AccessDeniedException')).toBeGreaterThan(0.5);

  // What is taken from it is taken later as well.
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'read' }));
  await read();
  expect(
    await secondsUntil(async () => expect(await read().catch(() => 'denied')).toBe('denied'), 'AssertionError'),
  ).toBeGreaterThan(2);
});

it('Lambda takes a new role after a while', async () => {
  const RoleName = 'runner';
  const trusted = trust({ Service: 'lambda.amazonaws.com' });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trusted }));
  const lambda = new LambdaClient(options);
  const create = () =>
    lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'early',
        Role: arn(RoleName),
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Code: { ZipFile: zip({ 'index.mjs': 'export const handler = () => 1' }) },
      }),
    );
  await expect(create()).rejects.toThrow('The role defined for the function cannot be assumed by Lambda.');
  expect(await secondsUntil(create, 'InvalidParameterValueException')).toBeGreaterThan(1);
});

it('CloudFormation waits for a role, so that the function behind it can be made', async () => {
  const client = new CloudFormationClient(options);
  const stack = await stackClient(client).deploy('with-function', {
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: { AssumeRolePolicyDocument: JSON.parse(trust({ Service: 'lambda.amazonaws.com' })) as object },
      },
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Code: { ZipFile: 'exports.handler = async () => 1' },
        },
      },
    },
  });
  expect(stack.StackStatus).toBe('CREATE_COMPLETE');
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: 'with-function' }));
  const at = (status: string) =>
    StackEvents.find((event) => event.LogicalResourceId === 'Role' && event.ResourceStatus === status)?.Timestamp;
  expect(Number(at('CREATE_COMPLETE')) - Number(at('CREATE_IN_PROGRESS'))).toBeGreaterThan(2900);
});

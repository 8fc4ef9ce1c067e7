import { CloudFormationClient, type Stack } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Cloud, memoryLog, startCloud } from '../../../src/cloud.ts';
import type { ClientOptions } from '../../support/start-services.ts';
import { type StackClient, type Template, stackClient } from '../stack-client.ts';

/** One for all tests of a file, as are the next two. */
export let cloud: Cloud;
export const log = memoryLog();
export let stacks: StackClient;
/** Of any client of the AWS SDK. */
export let options: ClientOptions;

/** Starts a cloud before the tests of a file. */
export function useDeployments(): void {
  beforeAll(async () => {
    cloud = await startCloud({ port: 0, mqttPort: 0, log });
    const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = cloud.environment;
    options = {
      endpoint: cloud.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: 1,
    };
    stacks = stackClient(new CloudFormationClient(options));
  });
  afterAll(() => cloud.close());
}

export const ref = (Ref: string) => ({ Ref });
export const att = (id: string, name: string) => ({ 'Fn::GetAtt': [id, name] });
export const output = (value: unknown) => ({ Value: value });
export const document = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });
export const trust = (Service: string) =>
  document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } });
export const allow = (Action: string, Resource: unknown = '*') => ({ Effect: 'Allow', Action, Resource });
/** A role that a service assumes, and that allows these statements. */
export const role = (service: string, ...statements: object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: trust(service),
    ...(statements.length > 0 && { Policies: [{ PolicyName: 'p', PolicyDocument: document(...statements) }] }),
  },
});
/** A function of this code, with a role of this logical id. */
export const lambdaFunction = (code: string, roleId = 'Role', more: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: att(roleId, 'Arn'),
    Code: { ZipFile: code },
    ...more,
  },
});
export const tags = (value: string) => [{ Key: 'team', Value: value }];

/** Deploys, and gives the outputs. */
export async function deploy(name: string, template: Template): Promise<Record<string, string>> {
  const stack: Stack = await stacks.deploy(name, template);
  const reasons = (await stacks.events(stack.StackId))
    .filter(({ ResourceStatus = '' }) => ResourceStatus.endsWith('_FAILED'))
    .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`);
  expect({ status: stack.StackStatus, reasons }).toMatchObject({
    status: /^(CREATE|UPDATE)_COMPLETE$/.exec(stack.StackStatus ?? '')?.[0],
    reasons: [],
  });
  return Object.fromEntries(
    (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
}
export const destroy = async (name: string) => {
  expect((await stacks.destroy(await stacks.settled(name))).StackStatus).toBe('DELETE_COMPLETE');
};

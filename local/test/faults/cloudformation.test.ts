import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Cloud, Faults, memoryLog, passingFailure, startCloud } from '../../src/cloud.ts';
import { type StackClient, stackClient } from '../cloudformation/stack-client.ts';

const faults = new Faults();
let cloud: Cloud;
let stacks: StackClient;
let name: string;
let count = 0;

beforeAll(async () => {
  cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog(), faults });
  const { AWS_REGION: region = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = cloud.environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  stacks = stackClient(new CloudFormationClient({ endpoint: cloud.endpoint, region, credentials }));
});
afterAll(() => cloud?.close());
beforeEach(() => {
  name = `things-${++count}`;
  faults.clear();
});

const thing = () => ({ Resources: { Thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: name } } } });
const call = { service: 'iot', operation: 'CreateThing' } as const;
const times = () => faults.calls.filter(({ operation }) => operation === call.operation).length;

test.each([
  ['throttled', { ...call, kind: 'throttle' } as const],
  ['failing in passing', { ...call, kind: 'fail before', error: passingFailure() } as const],
])('a call of CloudFormation that is %s is made again', async (_, fault) => {
  faults.add(fault);
  expect((await stacks.deploy(name, thing())).StackStatus).toBe('CREATE_COMPLETE');
  expect(times()).toBe(2);
});

test('a call of CloudFormation that fails for good fails the deployment', async () => {
  faults.add({ ...call, kind: 'fail before' });
  expect((await stacks.deploy(name, thing())).StackStatus).toBe('ROLLBACK_COMPLETE');
  expect(times()).toBe(1);
});

import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cloud, memoryLog, startCloud } from '../../src/cloud.ts';
import { stackClient } from '../cloudformation/stack-client.ts';
import { cloudClient } from '../support/cloud-client.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog(), pace: { name: 'aws', divideLags: 10 } });
});
afterAll(() => cloud.close());

it('CloudFormation tries throttled calls again until all resources are there, and gone again', async () => {
  const stacks = stackClient(new CloudFormationClient(cloudClient(cloud)));
  const policy = {
    Type: 'AWS::IoT::Policy',
    Properties: {
      PolicyDocument: { Version: '2012-10-17', Statement: { Effect: 'Deny', Action: 'iot:*', Resource: '*' } },
    },
  };
  // CreatePolicy: 10 at once, then 10 a second.
  const names = Array.from({ length: 40 }, (_, n) => [`Policy${n}`, policy] as const);
  const began = performance.now();
  const stack = await stacks.deploy('policies', { Resources: Object.fromEntries(names) });
  expect(stack.StackStatus).toBe('CREATE_COMPLETE');
  expect(performance.now() - began).toBeGreaterThan(2500);
  expect((await stacks.destroy(stack)).StackStatus).toBe('DELETE_COMPLETE');
});

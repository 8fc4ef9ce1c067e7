import { CfnParameter } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { FleetStack } from '../../lib/fleet-stack.ts';
import { templateOf, testApp } from './synthesized.ts';

test("a stack says whose it is, and is nobody else's but where npm start has made it", () => {
  const stack = new FleetStack(testApp(), { stackName: 'fleet-telemetry', fleetId: 'ours' });
  new CfnParameter(stack, 'Other');
  const { Parameters, Rules } = templateOf(stack).toJSON() as Record<string, Record<string, object>>;
  expect(Parameters?.FleetId).toMatchObject({ Type: 'String', Default: 'ours' });
  expect(Rules?.IsOurs).toMatchObject({
    Assertions: [
      { Assert: { 'Fn::Or': ['ours', 'npm-start'].map((id) => ({ 'Fn::Equals': [{ Ref: 'FleetId' }, id] })) } },
    ],
  });
});

import {
  CloudFormationClient,
  DescribeStacksCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { CreatePolicyCommand, DeletePolicyCommand, IoTClient, ListThingsCommand } from '@aws-sdk/client-iot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';

/* A fleet is not lost by a slip: without `"removal": "destroy"` nothing deletes a stack that has identities. */

let deployment: Deployment;
let cloudFormation: CloudFormationClient;
let iot: IoTClient;
beforeAll(async () => {
  deployment = await startDeployment();
  deployment.settings.removal = 'retain';
  cloudFormation = new CloudFormationClient(deployment.client);
  iot = new IoTClient(deployment.client);
});
afterAll(() => deployment.close());

const SITE = 'fleet-site-home';
const REFUSAL = /Stack \[arn:\S+:stack\/fleet-\S+\] cannot be deleted while TerminationProtection is enabled/;

const deploy = () => deployment.cdk('deploy', '--all', '--require-approval', 'never');
const destroy = () => deployment.cdk('destroy', '--all', '--force');
const siteStack = async () => {
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: SITE }));
  return Stacks[0];
};
const things = async () => (await iot.send(new ListThingsCommand({}))).things?.map(({ thingName }) => thingName).sort();

describe('a protected fleet', () => {
  it('whose first deployment failed: doctor says what is in the way of the next one', async () => {
    const taken = { policyName: 'kitchen-sensor' };
    const Statement = [
      { Effect: 'Allow', Action: 'iot:Publish', Resource: 'arn:aws:iot:us-east-1:000000000000:topic/a' },
    ];
    const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iot.send(new CreatePolicyCommand({ ...taken, policyDocument }));
    expect((await deploy()).code).toBe(1);
    await iot.send(new DeletePolicyCommand(taken));
    expect(await siteStack()).toMatchObject({ StackStatus: 'ROLLBACK_COMPLETE', EnableTerminationProtection: true });

    const again = await deploy();
    expect(again.code).toBe(1);
    expect(again.stdout + again.stderr).toMatch(REFUSAL);
    expect((await deployment.fleet('doctor')).stdout).toContain(
      'run: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ' +
        `${SITE} && npx cdk deploy --all`,
    );
    const lifted = { StackName: SITE, EnableTerminationProtection: false };
    await cloudFormation.send(new UpdateTerminationProtectionCommand(lifted));
    expect(await deploy()).toMatchObject({ code: 0 });
    expect(await siteStack()).toMatchObject({ StackStatus: 'CREATE_COMPLETE', EnableTerminationProtection: true });
  });

  it('is not destroyed, and what the CDK CLI says of it names the stack and the reason', async () => {
    const before = await things();
    const { code, stdout, stderr } = await destroy();
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(REFUSAL);
    expect(await things()).toEqual(before);
    expect((await siteStack())?.StackStatus).toBe('CREATE_COMPLETE');
  });

  it('has alarms in a stack of their own, which goes without being asked for anything', async () => {
    deployment.settings.silentAfter = '1h';
    expect(await deploy()).toMatchObject({ code: 0 });
    const alarms = 'fleet-alarms-home';
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: alarms }));
    expect(Stacks[0]).toMatchObject({ StackStatus: 'CREATE_COMPLETE', EnableTerminationProtection: false });
    expect(await deployment.cdk('destroy', 'fleet-alarms-*', '--force')).toMatchObject({ code: 0 });
    delete deployment.settings.silentAfter;
  });

  it('goes once its settings say so and are deployed', async () => {
    deployment.settings.removal = 'destroy';
    expect(await deploy()).toMatchObject({ code: 0 });
    expect(await destroy()).toMatchObject({ code: 0 });
    expect(await things()).toEqual([]);
  });
});

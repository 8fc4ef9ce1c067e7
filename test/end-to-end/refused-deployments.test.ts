import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { IoTClient, ListThingsCommand } from '@aws-sdk/client-iot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment();
});
afterAll(() => deployment.close());

const things = async () => (await new IoTClient(deployment.client).send(new ListThingsCommand({}))).things;

describe('a bad fleet file', () => {
  const device = (name: string, board = 'esp8266') => `  ${name}: { board: ${board} }\n`;
  it.each([
    ['an unknown board', `devices:\n${device('a', 'esp99')}`, /home\.yaml:2: .*esp99.*esp8266.*esp32/],
    ['a duplicate name', `devices:\n${device('a')}${device('a')}`, /home\.yaml:3: .*"?a"?/],
    ['bad characters', `devices:\n${device('Kitchen_Sensor')}`, /home\.yaml:2: .*Kitchen_Sensor.*a-z/],
    ['a name over 64', `devices:\n${device('x'.repeat(65))}`, /home\.yaml:2: .*64/],
    ['YAML that does not parse', 'devices: {\n', /home\.yaml:\d+: /],
    ['an empty file', '', /home\.yaml:1: .*devices/],
  ])('stops with one line for %s, and nothing is deployed', async (_, yaml, line) => {
    deployment.writeSite('home', yaml);
    const { code, stdout, stderr } = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    expect(code).toBe(1);
    const lines = (stdout + stderr).split('\n').filter((text) => text.includes('.yaml'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
    expect(stdout + stderr).not.toMatch(/ at .*\.ts:\d+/);
    expect(await things()).toEqual([]);
  });
});

describe('what does not exist', () => {
  const create = async (name: string, resources: object) => {
    const client = new CloudFormationClient(deployment.client);
    const TemplateBody = JSON.stringify({ Resources: resources });
    try {
      await client.send(new CreateStackCommand({ StackName: name, TemplateBody }));
    } catch (error) {
      return (error as Error).message;
    }
    await expect
      .poll(async () =>
        (await client.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0]?.StackStatus?.endsWith(
          '_COMPLETE',
        ),
      )
      .toBe(true);
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    expect(Stacks[0]?.StackStatus).toBe('ROLLBACK_COMPLETE');
    const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: name }));
    return StackEvents.map(({ ResourceStatusReason }) => ResourceStatusReason).join('\n');
  };
  const thing = { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'made-then-rolled-back' } };

  it.each([
    [
      'a type that AWS has and the local cloud has not',
      { A: thing, B: { Type: 'AWS::EC2::VPC', DependsOn: 'A', Properties: { CidrBlock: '10.0.0.0/16' } } },
      /AWS::EC2::VPC/,
    ],
    ['a type that nobody has', { A: thing, B: { Type: 'AWS::IoT::Thingy', DependsOn: 'A' } }, /AWS::IoT::Thingy/],
    [
      'a property that AWS does not know',
      { A: thing, B: { Type: 'AWS::IoT::Thing', DependsOn: 'A', Properties: { ThingNmae: 'x' } } },
      /ThingNmae/,
    ],
  ])('turns a stack red for %s and leaves nothing', async (_, resources, reason) => {
    expect(await create(`red-${Math.floor(performance.now())}`, resources)).toMatch(reason);
    expect(await things()).toEqual([]);
  });
});

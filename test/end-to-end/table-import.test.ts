import {
  CloudFormationClient,
  DescribeStacksCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, ListTablesCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';

/* What doctor says of a time-series that outlived its stack is done as it stands there, by the real `cdk import`. */

const STACK = 'fleet-telemetry';
let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment();
  deployment.settings.removal = 'retain';
});
afterAll(() => deployment.close());

const cdk = async (...args: string[]) => {
  const { code, stdout, stderr } = await deployment.cdk(...args);
  expect(code, stdout + stderr).toBe(0);
};

it('the table and its rows are those of the next deployment', { timeout: 180_000 }, async () => {
  const dynamoDB = new DynamoDBClient(deployment.client);
  const cloudFormation = new CloudFormationClient(deployment.client);
  await cdk('deploy', STACK, '--require-approval', 'never');
  const timeSeries = async () =>
    (await dynamoDB.send(new ListTablesCommand({}))).TableNames?.filter((name) => name.includes('TimeSeries'));
  const [TableName = ''] = (await timeSeries()) ?? [];
  const Item = { device: { S: 'kitchen-sensor' }, arrival: { S: '1#a' } };
  await dynamoDB.send(new PutItemCommand({ TableName, Item }));
  const unprotected = { StackName: STACK, EnableTerminationProtection: false };
  await cloudFormation.send(new UpdateTerminationProtectionCommand(unprotected));
  await cdk('destroy', STACK, '--force');

  const { stdout } = await deployment.fleet('doctor');
  const way =
    /table (\S+) is left of an earlier fleet-telemetry; to go on with it: npx cdk (import.*) && npx cdk deploy --all/;
  const [, table, command = ''] = way.exec(stdout) ?? [];
  expect(table).toBe(TableName);
  // As a shell would take it.
  await cdk(...[...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain = '']) => quoted ?? plain));
  await cdk('deploy', '--all', '--require-approval', 'never');

  const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: STACK }));
  expect(stack?.Outputs).toContainEqual(expect.objectContaining({ OutputKey: 'TableName', OutputValue: TableName }));
  expect((await dynamoDB.send(new ScanCommand({ TableName }))).Items).toEqual([Item]);
  expect(await timeSeries()).toEqual([TableName]);
});

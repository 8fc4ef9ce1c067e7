import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListTopicRulesCommand } from '@aws-sdk/client-iot';
import { beforeEach, describe, expect, test } from 'vitest';
import { iot, stackThere, telemetryDeployed, telemetryGone } from '../deployed.ts';
import { doctor, dynamoDB, findingsIn, healthyFleet } from './fleet.ts';

/* What doctor says of tables and alarms that a change of settings, or the end of a stack, has left behind. */

const LEFT = 'fleet-telemetry-TimeSeriesB6BFE11E-1A2B3C4D5E6F';
const IMPORT =
  `npx cdk import fleet-telemetry --resource-mapping-inline '{"TimeSeriesB6BFE11E":{"TableName":"${LEFT}"}}' && ` +
  'npx cdk deploy --all';
const LIFT = 'aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name fleet-';

const LOST =
  '✗ fleet-telemetry is not deployed: the broker takes what devices publish, and no row comes of it; run: npx cdk deploy --all';

beforeEach(healthyFleet);

test('a stack of other settings than cdk.json has', async () => {
  telemetryDeployed({
    RowSettings: JSON.stringify({ stamps: ['received', 'full_topic', 'measured'], ingest: 'basic' }),
  });
  const finished = await doctor();
  expect(findingsIn(finished)).toEqual([
    '✗ fleet-telemetry is older than the settings: ingest is basic there and broker in cdk.json; run: npx cdk deploy --all',
  ]);
  expect(finished.code).toBe(1);
});

describe('a table', () => {
  beforeEach(() => void dynamoDB.on(ListTablesCommand).resolves({ TableNames: ['orders', LEFT] }));

  test('whose stack is gone, and how the next deployment takes it up', async () => {
    telemetryGone();
    const finished = await doctor();
    expect(findingsIn(finished)).toEqual([
      LOST,
      `- table ${LEFT} is left of an earlier fleet-telemetry; to go on with it: ${IMPORT}`,
    ]);
    expect(finished.code).toBe(1);
  });

  test('whose place another one has taken', async () => {
    telemetryDeployed({ TableName: 'fleet-telemetry-TimeSeriesB6BFE11E-0ZYXWVUTSRQP' });
    expect(findingsIn(await doctor())).toEqual([
      `- table ${LEFT} is left of an earlier fleet-telemetry; to go on with it: ` +
        `${LIFT}telemetry && npx cdk destroy fleet-telemetry && ${IMPORT}`,
    ]);
  });

  test('that is in use is nothing to speak of', async () => {
    telemetryDeployed({ TableName: LEFT });
    expect(findingsIn(await doctor())).toEqual([]);
  });
});

describe('alarms', () => {
  const counting = (...names: string[]) =>
    iot.on(ListTopicRulesCommand).resolves({ rules: names.map((ruleName) => ({ ruleName })) });
  const deletion = (site: string) =>
    `its alarms ring for ever; run: ${LIFT}alarms-${site} && aws cloudformation delete-stack --stack-name fleet-alarms-${site}`;

  test('of a setting that was taken away', async () => {
    stackThere('fleet-alarms-home', 'UPDATE_COMPLETE');
    counting('fleet_telemetry');
    const finished = await doctor();
    expect(findingsIn(finished)).toEqual([
      `✗ fleet-alarms-home is deployed, but nothing counts messages any more (setting silentAfter): ${deletion('home')}`,
    ]);
    expect(finished.code).toBe(1);
  });

  test('of a site that is gone; those of another one are as they should be', async () => {
    stackThere('fleet-alarms-home', 'UPDATE_COMPLETE');
    stackThere('fleet-alarms-farm', 'UPDATE_COMPLETE');
    stackThere('fleet-alarms-barn', 'DELETE_COMPLETE');
    counting('fleet_telemetry', 'fleet_telemetry_seen');
    expect(findingsIn(await doctor())).toEqual([
      `✗ fleet-alarms-farm is deployed, but no device of farm.yaml may connect: ${deletion('farm')}`,
    ]);
  });
});

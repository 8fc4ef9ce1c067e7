import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { paginateListTopicRules } from '@aws-sdk/client-iot';
import { clientConfig, iot } from '../../aws/clients.ts';
import { listed } from '../../aws/gone.ts';
import { isDeleted, siteStacks } from '../../aws/stacks.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import type { Site } from '../../lib/fleet/read.ts';
import { timeSeriesTableNameIfDeployed } from '../aws/deployment.ts';
import { liftingProtection, stackDeletion } from '../fleet/stack-deletion.ts';
import { telemetryProblem } from '../fleet/telemetry-problem.ts';
import type { WhichFleet } from '../fleet/fleet-device.ts';
import { type Finding, note, problem } from './finding.ts';

/** Whether what devices publish makes rows. While none is deployed, it does not matter. */
export async function rowFindings(
  { names, settings }: Pick<WhichFleet, 'names' | 'settings'>,
  isPublishing: boolean,
): Promise<Finding[]> {
  const text = isPublishing ? await telemetryProblem(names, settings) : undefined;
  return text === undefined ? [] : [problem(undefined, text)];
}

/** Stacks of alarms that the app no longer has: for want of messages that count, all of them ring. */
export async function unfedAlarms(sites: readonly Site[], names: FleetNames): Promise<Finding[]> {
  const stacks = (await siteStacks(names, 'alarmsStack')).filter((stack) => !isDeleted(stack));
  if (stacks.length === 0) return [];
  const rules = await listed(paginateListTopicRules({ client: iot }, {}), (page) => page.rules);
  const isCounting = rules.some(({ ruleName }) => ruleName === names.seenRule);
  const isHeard = (name: string) =>
    sites.some((site) => site.name === name && site.devices.some(({ revoked }) => !revoked));
  return stacks
    .filter(({ site }) => !isCounting || !isHeard(site))
    .map(({ site }) => {
      const stack = names.alarmsStack(site);
      const why = isCounting
        ? `no device of ${site}.yaml may connect`
        : 'nothing counts messages any more (setting silentAfter)';
      const ring = 'its alarms ring for ever';
      return problem(undefined, `${stack} is deployed, but ${why}: ${ring}; run: ${stackDeletion(stack)}`);
    });
}

/** With "removal": "retain" a table outlives its stack. That is a note, since to keep it may be what somebody wants. */
export async function tablesLeftBehind(fleet: FleetNames): Promise<Finding[]> {
  const { telemetryStack: stack } = fleet;
  // As CloudFormation names a table: stack, logical id, and something random.
  const table = new RegExp(`^${stack}-(TimeSeries[0-9A-Za-z]+)-[0-9A-Z]+$`);
  const used = await timeSeriesTableNameIfDeployed(fleet);
  const client = new DynamoDBClient(clientConfig);
  const names = await listed(paginateListTables({ client }, {}), ({ TableNames }) => TableNames);
  return names.flatMap((name): Finding[] => {
    const [, logicalId] = table.exec(name) ?? [];
    if (logicalId === undefined || name === used) return [];
    // CloudFormation imports what its stack does not have yet (User Guide, "Import AWS resources into a stack").
    const makeRoom = used === undefined ? '' : `${liftingProtection(stack)} && npx cdk destroy ${stack} && `;
    const mapping = JSON.stringify({ [logicalId]: { TableName: name } });
    const way = `${makeRoom}npx cdk import ${stack} --resource-mapping-inline '${mapping}' && npx cdk deploy --all`;
    return [note(undefined, `table ${name} is left of an earlier ${stack}; to go on with it: ${way}`)];
  });
}

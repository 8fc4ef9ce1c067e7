import { type AttributeValue, DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { CreateTopicRuleCommand, GetTopicRuleCommand } from '@aws-sdk/client-iot';
import { setTimeout } from 'node:timers/promises';
import { clientConfig, iot } from '../../aws/clients.ts';
import { listed } from '../../aws/gone.ts';
import { publish } from '../../cli/aws/connection.ts';
import { telemetryDeployment } from '../../cli/aws/deployment.ts';
import { SILENCE } from './expressions.ts';
import { type Answer, answered, readingsOf } from './probe.ts';
import type { ScratchFleet } from './scratch-fleet.ts';

const PAUSE_MS = 1_000;
const TRIES = 30;

const EVERY_TYPE = '{"b":true,"l":[1],"m":{"a":1},"n":1.5,"s":"x","z":null}';

/** What the DynamoDBv2 action makes of values, and of `SELECT *` over a payload that is no JSON. */
export async function askTable(fleet: ScratchFleet, signal: AbortSignal, before: readonly Answer[]): Promise<Answer[]> {
  const { names } = fleet;
  const { table } = await telemetryDeployment(names);
  const { rule } = await iot.send(new GetTopicRuleCommand({ ruleName: names.telemetryRule }));
  const roleArn = rule?.actions?.[0]?.dynamoDBv2?.roleArn ?? '';
  // The device is the second level, so that these are no rows of a device of the fleet.
  const root = `${names.topicRoot}_probe`;
  const topicRulePayload = {
    sql: `SELECT *, topic(2) AS device, topic(3) AS arrival FROM '${root}/+/+'`,
    awsIotSqlVersion: '2016-03-23',
    actions: [{ dynamoDBv2: { roleArn, putItem: { tableName: table } } }],
  };
  await iot.send(new CreateTopicRuleCommand({ ruleName: fleet.ruleName('table'), topicRulePayload }));

  const put = async (payloads: Readonly<Record<string, string>>) => {
    for (const [device, payload] of Object.entries(payloads)) await publish(`${root}/table-${device}/1`, payload);
  };
  const fieldsOf = async (device: string) => {
    const [row] = await rowsOf(table, `table-${device}`);
    if (row === undefined) return undefined;
    const fields = Object.entries(row).filter(([name]) => name !== 'device' && name !== 'arrival');
    return fields.map(([name, value]) => `${name} ${Object.keys(value).join()}`);
  };
  let types: string[] | undefined;
  // A new rule may take effect late; once it has taken one, it has taken the other.
  for (let round = 0; types === undefined && round < TRIES; round += 1) {
    signal.throwIfAborted();
    await put({ binary: 'hello', types: EVERY_TYPE });
    await setTimeout(PAUSE_MS);
    types = await fieldsOf('types');
  }
  const binary = await fieldsOf('binary');
  return [
    answered(
      { question: 'the DynamoDBv2 action keeps the types of JSON', assumed: 'b BOOL, l L, m M, n N, s S, z NULL' },
      types?.sort().join(', ') ?? SILENCE,
    ),
    answered(
      {
        question: 'SELECT * with keys beside it makes an item of the keys alone where the payload is no JSON',
        assumed: readingsOf(before).binary === 'error' ? SILENCE : 'the keys',
      },
      binary === undefined ? SILENCE : binary.join(', ') || 'the keys',
    ),
  ];
}

/** The rows of a device, as the table has them. */
export function rowsOf(TableName: string, device: string): Promise<Record<string, AttributeValue>[]> {
  const query = {
    TableName,
    KeyConditionExpression: 'device = :device',
    ExpressionAttributeValues: { ':device': { S: device } },
    ConsistentRead: true,
  };
  return listed(paginateQuery({ client: new DynamoDBClient(clientConfig) }, query), ({ Items }) => Items);
}

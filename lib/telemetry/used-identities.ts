import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, type ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import type { FleetNames } from '../fleet/names.ts';
import { allow } from '../permission.ts';
import { ruleRole } from './rule-principal.ts';

/**
 * By which certificate each device connected last: what `fleet rotate --finish` asks. AWS IoT tells of each connection,
 * whatever MQTT client it is of, and nobody can turn that off; the certificate's id is among what it tells (Developer Guide,
 * "Lifecycle events"). It is an item a device, and not a column of the rows: the check does not depend on what a
 * device publishes, nor on where, and costs a write a connection instead of bytes in each row.
 *
 * Events may come late, twice or in another order. Then the item is of another connection than the last one, which was one
 * by that certificate all the same.
 */
export class UsedIdentities extends Construct {
  /** An item a device. Partition key `client`, its MQTT client id. */
  readonly table: ITable;

  constructor(scope: Construct, id: string, { names }: { readonly names: FleetNames }) {
    super(scope, id);
    const table = new Table(this, 'Table', {
      partitionKey: { name: 'client', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const reason = 'Each device writes its item again when it connects.';
    for (const rule of ['AwsSolutions::AwsSolutions-DDB3', 'esp-fleet::table-loss'])
      Validations.of(table).acknowledge({ id: rule, reason });
    const write = allow('Connections', ['dynamodb:PutItem'], table.tableArn);
    const { roleArn } = ruleRole(this, 'Role', 'UsedIdentities', write);
    const rule = new CfnTopicRule(this, 'Rule', {
      ruleName: names.connectedRule,
      topicRulePayload: {
        description: 'Keeps by which certificate each device connected last',
        // Of clients with a certificate: of others, AWS tells who they are.
        sql:
          `SELECT clientId AS client, principalIdentifier AS certificate, timestamp() AS connected ` +
          `FROM '$aws/events/presence/connected/+' WHERE regexp_matches(clientId, '^${names.thing('[a-z0-9-]{1,64}')}$') ` +
          `AND regexp_matches(principalIdentifier, '^[0-9a-f]{64}$')`,
        awsIotSqlVersion: '2016-03-23',
        actions: [{ dynamoDBv2: { roleArn, putItem: { tableName: table.tableName } } }],
      },
    });
    Validations.of(rule).acknowledge({
      id: 'esp-fleet::topic-rule-error-action',
      reason: 'What is lost, the next connection writes; until then "fleet rotate --finish" refuses.',
    });
    this.table = table;
  }
}

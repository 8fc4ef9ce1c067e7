import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { TelemetryRuleRole } from './telemetry-rule-role.ts';

export interface TelemetryRuleProps {
  readonly ruleName: string;
  readonly description: string;
  /** In SQL version 2016-03-23. Its result has the keys of the table at its root. */
  readonly sql: string;
  readonly table: ITable;
  /** Gets what the table refuses. */
  readonly deadLetters: IQueue;
  readonly role: TelemetryRuleRole;
}

/** Writes the messages that a statement selects into the time-series, a column a field. */
export class TelemetryRule extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { ruleName, description, sql, table, deadLetters, role: { roleArn } }: TelemetryRuleProps,
  ) {
    super(scope, id);
    new CfnTopicRule(this, 'Resource', {
      ruleName,
      topicRulePayload: {
        description,
        sql,
        awsIotSqlVersion: '2016-03-23',
        actions: [{ dynamoDBv2: { roleArn, putItem: { tableName: table.tableName } } }],
        errorAction: { sqs: { roleArn, queueUrl: deadLetters.queueUrl } },
      },
    });
  }
}

import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow } from '../permission.ts';
import { ruleRole } from './rule-principal.ts';

export interface TelemetryRuleRoleProps {
  readonly table: ITable;
  readonly deadLetters: IQueue;
}

/** What the rules may do: put an item into the time-series, or a message into the dead letters. */
export class TelemetryRuleRole extends Construct {
  readonly roleArn: string;

  constructor(scope: Construct, id: string, { table, deadLetters }: TelemetryRuleRoleProps) {
    super(scope, id);
    const rows = allow('Rows', ['dynamodb:PutItem'], table.tableArn);
    const letters = allow('DeadLetters', ['sqs:SendMessage'], deadLetters.queueArn);
    this.roleArn = ruleRole(this, 'Resource', 'Telemetry', rows, letters).roleArn;
  }
}

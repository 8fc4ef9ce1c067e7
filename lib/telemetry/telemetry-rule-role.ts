import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { rulePrincipal } from './rule-principal.ts';

export interface TelemetryRuleRoleProps {
  readonly table: ITable;
  readonly deadLetters: IQueue;
}

/** What the rules may do: put an item into the time-series, or a message into the dead letters. */
export class TelemetryRuleRole extends Construct {
  readonly roleArn: string;

  constructor(scope: Construct, id: string, { table, deadLetters }: TelemetryRuleRoleProps) {
    super(scope, id);
    const { roleArn } = new Role(this, 'Resource', {
      assumedBy: rulePrincipal(),
      inlinePolicies: {
        Telemetry: new PolicyDocument({
          statements: [
            new PolicyStatement({ sid: 'Rows', actions: ['dynamodb:PutItem'], resources: [table.tableArn] }),
            new PolicyStatement({
              sid: 'DeadLetters',
              actions: ['sqs:SendMessage'],
              resources: [deadLetters.queueArn],
            }),
          ],
        }),
      },
    });
    this.roleArn = roleArn;
  }
}

import { Aws } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

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
      // Only for the rules of this account, see "Cross-service confused deputy prevention" in the Developer Guide.
      assumedBy: new ServicePrincipal('iot.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
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

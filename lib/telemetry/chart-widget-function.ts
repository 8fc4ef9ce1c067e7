import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction, type IFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundledCode } from '../bundled-code.ts';

export interface ChartWidgetFunctionProps {
  /** The time-series. */
  readonly table: ITable;
}

/**
 * The Lambda function behind the curves of the dashboard. It may read the time-series by key, and nothing else. CloudWatch
 * invokes it with the permissions of whoever looks at the dashboard, so that it needs no grant.
 */
export class ChartWidgetFunction extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { table }: ChartWidgetFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'LogGroup', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        ChartWidget: new PolicyDocument({
          statements: [
            new PolicyStatement({ sid: 'Read', actions: ['dynamodb:Query'], resources: [table.tableArn] }),
            new PolicyStatement({
              sid: 'Log',
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [logGroup.logGroupArn],
            }),
          ],
        }),
      },
    });
    this.function = new LambdaFunction(this, 'Resource', {
      description: 'Draws the curves of the dashboard from the time-series',
      code: bundledCode(this, 'chart-widget'),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      // Lambda gives processor time by memory: with less, a long span would make people wait.
      memorySize: 1_024,
      timeout: Duration.seconds(30),
      environment: { TABLE_NAME: table.tableName },
      role,
      logGroup,
    });
  }
}

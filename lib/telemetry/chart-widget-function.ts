import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type CfnFunction, Function as LambdaFunction, type IFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundledCode } from '../bundled-code.ts';
import { siteStackName } from '../fleet/names.ts';

export interface ChartWidgetFunctionProps {
  /** The time-series. */
  readonly table: ITable;
  /** The names of the sites, whose devices it shows until someone names others. */
  readonly sites: readonly string[];
}

/**
 * The Lambda function behind the curves of the dashboard. It may read the time-series by key and list what
 * the stacks of the sites hold, and nothing else. CloudWatch
 * invokes it with the permissions of whoever looks at the dashboard, so that it needs no grant.
 */
export class ChartWidgetFunction extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { table, sites }: ChartWidgetFunctionProps) {
    super(scope, id);
    const stacks = sites.map(siteStackName).sort();
    const logGroup = new LogGroup(this, 'LogGroup', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const arnOf = (stack: string) =>
      Stack.of(this).formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${stack}/*` });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        ChartWidget: new PolicyDocument({
          statements: [
            new PolicyStatement({ sid: 'Read', actions: ['dynamodb:Query'], resources: [table.tableArn] }),
            ...(stacks.length > 0
              ? [
                  new PolicyStatement({
                    sid: 'Devices',
                    actions: ['cloudformation:ListStackResources'],
                    resources: stacks.map(arnOf),
                  }),
                ]
              : []),
            new PolicyStatement({
              sid: 'Log',
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [logGroup.logGroupArn],
            }),
          ],
        }),
      },
    });
    for (const stack of stacks) {
      Validations.of(role).acknowledge({
        id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/${stack}/*]`,
        reason: 'The stack of a site; what stands for * is the id that CloudFormation gives it.',
      });
    }
    const lambda = new LambdaFunction(this, 'Resource', {
      description: 'Draws the curves of the dashboard from the time-series',
      code: bundledCode(this, 'chart-widget'),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      // Lambda gives processor time by memory: with less, a long span would make people wait.
      memorySize: 1_024,
      timeout: Duration.seconds(30),
      environment: { TABLE_NAME: table.tableName, SITE_STACKS: JSON.stringify(stacks) },
      role,
      logGroup,
    });
    // CDK adds one on the role, which GetAtt implies already: the role's permissions are inline.
    (lambda.node.defaultChild as CfnFunction).addDeletionOverride('DependsOn');
    this.function = lambda;
  }
}

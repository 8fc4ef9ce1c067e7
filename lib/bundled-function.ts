import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type CfnFunction, Function as LambdaFunction, type IFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundledCode } from './bundled-code.ts';

export interface BundledFunctionProps {
  /** The folder below lambda/ that holds `handler.ts`. */
  readonly folder: string;
  readonly description: string;
  /** The name of the role's inline policy. */
  readonly policyName: string;
  /** What the function may do beside writing its log. */
  readonly statements: readonly PolicyStatement[];
  /** In MiB. */
  readonly memorySize: number;
  readonly timeout: Duration;
  readonly environment?: Record<string, string>;
}

/** A Lambda function of this app, with its log group, and a role that allows what it takes and no more. */
export class BundledFunction extends Construct {
  readonly function: IFunction;
  protected readonly role: Role;

  constructor(scope: Construct, id: string, { folder, policyName, statements, ...settings }: BundledFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'LogGroup', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const log = new PolicyStatement({
      sid: 'Log',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      // Inline, and so there as long as the role: when the certificates are deleted, it is still needed.
      inlinePolicies: { [policyName]: new PolicyDocument({ statements: [...statements, log] }) },
    });
    const lambda = new LambdaFunction(this, 'Resource', {
      ...settings,
      code: bundledCode(this, folder),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      role: this.role,
      logGroup,
    });
    // CDK adds one on the role, which GetAtt implies already: the role's permissions are inline.
    (lambda.node.defaultChild as CfnFunction).addDeletionOverride('DependsOn');
    this.function = lambda;
  }
}

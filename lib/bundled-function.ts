import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyDocument, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type CfnFunction, Function as LambdaFunction, type IFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundledCode } from './bundled-code.ts';
import { allow } from './permission.ts';

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

/** A new role may be refused for seconds to minutes (aws/aws-cdk issues 23340 and 37675): so long a function that needs it tries. */
export const NEW_ROLE_SECONDS = '120';

/** A Lambda function of this app, with its log group, and a role that allows what it takes and no more. */
export class BundledFunction extends Construct {
  readonly function: IFunction;
  protected readonly role: Role;
  readonly #timeout: Duration;

  constructor(scope: Construct, id: string, { folder, policyName, statements, ...settings }: BundledFunctionProps) {
    super(scope, id);
    this.#timeout = settings.timeout;
    const logGroup = new LogGroup(this, 'LogGroup', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const log = allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn);
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

  /**
   * How long CloudFormation waits for an answer of the function, an hour at most. When that crashes or times out, Lambda runs the
   * event twice more, after one and after two minutes; only then is there nothing left to wait for.
   */
  get serviceTimeout(): Duration {
    return Duration.minutes(3 * this.#timeout.toMinutes() + 1 + 2 + 1);
  }
}

import type { ApplicationLogLevel, Architecture, SystemLogLevel } from '@aws-sdk/client-lambda';
import { AwsError, NotImplementedError } from '../errors.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { resourcePolicy } from '../policy/resource-policy.ts';
import type { Account } from '../service.ts';
import type { Collection, State } from '../state/state.ts';
import type { Tags } from '../tags.ts';

/** A function in its only version, `$LATEST`. */
export interface LambdaFunction {
  readonly name: string;
  readonly arn: string;
  readonly runtime: string;
  readonly handler: string;
  /** ARN of the execution role. */
  readonly role: string;
  readonly description: string;
  /** Seconds. */
  readonly timeout: number;
  /** Megabytes. */
  readonly memory: number;
  readonly architecture: Architecture;
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroup: string;
  /** Of a function whose log is in JSON; undefined where it is plain text. */
  readonly logLevels?: LogLevels | undefined;
  /** Base64 of the SHA-256 of the deployment package. */
  readonly codeSha256: string;
  readonly codeSize: number;
  readonly modified: Date;
  /** Changes with every change to the function. */
  readonly revision: string;
  readonly tags: Tags;
}

/** The least levels that get into a log in JSON. */
export interface LogLevels {
  readonly application: ApplicationLogLevel;
  /** Of Lambda's own lines. */
  readonly system: SystemLogLevel;
}

/** A statement of a function's resource policy, as AddPermission makes it. */
export interface PermissionStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: Readonly<Record<string, string>> | string;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const ONLY_VERSION = '$LATEST';

/** Functions, the bytes of their code, and their resource policies. */
export class FunctionStore {
  readonly functions: Collection<LambdaFunction>;
  readonly code: Collection<Uint8Array>;
  readonly permissions: Collection<PermissionStatement[]>;
  readonly #account: Account;

  constructor(state: State, account: Account) {
    this.functions = state.collection('lambda.functions');
    this.code = state.collection('lambda.code');
    this.permissions = state.collection('lambda.permissions');
    this.#account = account;
  }

  /** Of a function by its name, its ARN, or `account:function:name`. */
  arn(nameOrArn = ''): string {
    const { region, id } = this.#account;
    if (nameOrArn.startsWith('arn:')) return nameOrArn;
    return nameOrArn.includes(':function:')
      ? `arn:aws:lambda:${region}:${nameOrArn}`
      : `arn:aws:lambda:${region}:${id}:function:${nameOrArn}`;
  }

  find(nameOrArn = '', qualifier: string = ONLY_VERSION): LambdaFunction {
    const arn = this.arn(nameOrArn);
    const found = this.functions.get(arn.split(':')[6] ?? '');
    if (found?.arn !== arn) throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
    if (qualifier !== ONLY_VERSION)
      throw new NotImplementedError(`the version or alias ${qualifier} of a Lambda function`);
    return found;
  }

  policyText(fn: LambdaFunction): string | undefined {
    const Statement = this.permissions.get(fn.name);
    return Statement && JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement });
  }

  /** The resource policy of a function; undefined when it has none, or when there is no such function. */
  policy(nameOrArn: string | undefined): PolicyDocument | undefined {
    const arn = this.arn(nameOrArn);
    const found = this.functions.get(arn.split(':')[6] ?? '');
    const text = found?.arn === arn ? this.policyText(found) : undefined;
    return text === undefined ? undefined : resourcePolicy(text);
  }

  delete(fn: LambdaFunction): void {
    for (const collection of [this.functions, this.code, this.permissions]) collection.delete(fn.name);
  }
}

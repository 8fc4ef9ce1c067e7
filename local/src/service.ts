import type { ConditionContext } from '../../policy/conditions.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import type { Principal } from './policy/principal.ts';
import type { ServiceModel } from './wire/model.ts';

/** Where the local cloud pretends to be. */
export interface Account {
  readonly id: string;
  readonly region: string;
}

/** What a handler knows of the call it answers. */
export interface Call extends Account {
  readonly requestId: string;
  readonly principal: Principal;
  /** Asks IAM about a further action of the same caller, such as iam:PassRole. Throws AccessDenied. */
  authorize(action: string, resource: string, conditions?: ConditionContext): void;
  /** Calls an operation of any service as the same caller: authorised like a call from outside. */
  invoke<O>(service: string, operation: string, input: object): Promise<O>;
}

/** One action of a service. `I` and `O` are the SDK's own request and response types. */
export interface Operation<I, O> {
  /** The IAM action; by default the service's prefix and the operation's name. */
  readonly action?: string;
  /** The members of the input that the handler honours; any other is refused by name. By default it sees to that itself. */
  readonly takes?: readonly (keyof I & string)[];
  /** The ARN that IAM is asked about, or `*` where AWS supports no resource (Service Authorization Reference). */
  resource(input: I, call: Call): string;
  /** IAM is not asked: everybody may, even who is denied it. */
  readonly needsNoPermission?: true;
  /** Condition keys beside the global ones. */
  conditions?(input: I, call: Call): ConditionContext;
  /** The policy attached to the resource itself, such as a bucket policy. */
  resourcePolicy?(input: I, call: Call): PolicyDocument | undefined;
  /** Answers the call; throws AwsError. It must not change anything before it has checked everything. */
  handle(input: I, call: Call): O | Promise<O>;
}

/** Types an operation by the SDK's shapes and hides them from the table it stands in. */
export function operation<I, O>(definition: Operation<I, O>): AnyOperation {
  return definition;
}
export type AnyOperation = Operation<never, unknown>;

/** Operations of a service, typed by the commands of its SDK: `Operations<typeof import('@aws-sdk/client-iot')>`. */
export type Operations<Sdk> = {
  readonly [Name in OperationName<Sdk>]?: Operation<Input<Sdk, Name>, Answer<Output<Sdk, Name>>>;
};
/** Nothing, where all that the SDK knows of an answer may be absent. */
type Answer<O> = O | (object extends O ? void : never);
/** The SDKs of the services that other services call, by the names of the services. */
export interface Sdks {
  readonly cloudwatch: typeof import('@aws-sdk/client-cloudwatch');
  readonly dynamodb: typeof import('@aws-sdk/client-dynamodb');
  readonly ecr: typeof import('@aws-sdk/client-ecr');
  readonly iam: typeof import('@aws-sdk/client-iam');
  readonly iot: typeof import('@aws-sdk/client-iot');
  readonly 'iot-data': typeof import('@aws-sdk/client-iot-data-plane');
  readonly lambda: typeof import('@aws-sdk/client-lambda');
  readonly logs: typeof import('@aws-sdk/client-cloudwatch-logs');
  readonly s3: typeof import('@aws-sdk/client-s3');
  readonly sns: typeof import('@aws-sdk/client-sns');
  readonly sqs: typeof import('@aws-sdk/client-sqs');
  readonly ssm: typeof import('@aws-sdk/client-ssm');
}
export type OperationName<Sdk> = { [Key in keyof Sdk]: Key extends `${infer Name}Command` ? Name : never }[keyof Sdk];
export type Input<Sdk, Name extends OperationName<Sdk>> = InstanceOf<Sdk, Name>['input'];
/** What a client reads as a stream are bytes here. */
export type Output<Sdk, Name extends OperationName<Sdk>> = Bytes<
  Awaited<ReturnType<ReturnType<InstanceOf<Sdk, Name>['resolveMiddleware']>>>['output']
>;
type InstanceOf<Sdk, Name extends OperationName<Sdk>> =
  Sdk[`${Name}Command` & keyof Sdk] extends Constructor<infer Instance extends Command> ? Instance : never;
type Constructor<Instance> = new (...input: never[]) => Instance;
interface Command {
  readonly input: object;
  resolveMiddleware(...environment: never[]): (args: never) => Promise<{ output: object }>;
}
type Bytes<O> = {
  [Key in keyof O as Exclude<Key, '$metadata'>]: O[Key] extends { transformToString: unknown } | undefined
    ? Uint8Array | undefined
    : O[Key];
};

/** An AWS service as the local cloud serves it: the SDK's model of the wire, and the operations that exist here. */
export interface Service<Served = Readonly<Record<string, AnyOperation | undefined>>> {
  /** Short name used by `Call.invoke` and in log lines, e.g. `iot`. */
  readonly name: string;
  /** Prefix of its IAM actions. @default its name */
  readonly actionPrefix?: string;
  /** Service names in SigV4 credential scopes that lead here. @default its name */
  readonly signingNames?: readonly string[];
  readonly model: ServiceModel;
  /** By operation name. Whatever the model has beyond these answers NotImplemented. */
  readonly operations: Served;
  /** Counts a call that succeeded and took so long, where AWS has a metric of that. */
  served?(operation: string, input: object, output: unknown, milliseconds: number): void;
  /** Counts a call that a test throttled, where AWS has a metric of that. */
  throttled?(operation: string, input: object): void;
}

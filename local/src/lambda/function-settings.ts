import type {
  FunctionConfiguration,
  LoggingConfig,
  Runtime,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import { AwsError, NotImplementedError } from '../errors.ts';
import type { IamStore } from '../iam/iam-store.ts';
import type { Call } from '../service.ts';
import { type LambdaFunction, type LogLevels, ONLY_VERSION } from './function-store.ts';

/** What CreateFunction and UpdateFunctionConfiguration have in common. */
export const SETTINGS = [
  ...(['Runtime', 'Role', 'Handler', 'Description', 'Timeout', 'MemorySize'] as const),
  ...(['Environment', 'LoggingConfig', 'EphemeralStorage'] as const),
];
export type Settings = Pick<UpdateFunctionConfigurationRequest, (typeof SETTINGS)[number]>;

// What AWS still lets people create; all of them run on the Node.js that runs the local cloud.
const RUNTIMES: readonly string[] = ['nodejs22.x', 'nodejs24.x'] satisfies Runtime[];
const MAX_ENVIRONMENT_BYTES = 4096;
// Developer Guide, "Defined runtime environment variables": reserved names.
const RESERVED = [
  ...['_HANDLER', '_X_AMZN_TRACE_ID', 'AWS_DEFAULT_REGION', 'AWS_REGION', 'AWS_EXECUTION_ENV', 'AWS_ACCESS_KEY'],
  ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_LAMBDA_FUNCTION_NAME'],
  ...['AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_INITIALIZATION_TYPE'],
  ...['AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME', 'AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT'],
  ...['LAMBDA_RUNTIME_DIR'],
];

export const invalid = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);

type Checked = Omit<LambdaFunction, 'name' | 'arn' | 'architecture' | 'codeSha256' | 'codeSize' | 'tags'>;

/** The settings of a function after a call, checked; what the call leaves out stays as it was. */
export function applySettings(input: Settings, current: Checked, iam: IamStore, call: Call): Checked {
  const runtime = input.Runtime ?? current.runtime;
  if (!RUNTIMES.includes(runtime))
    throw new NotImplementedError(
      `the Lambda runtime ${runtime === '' ? '(none)' : runtime} (there are ${RUNTIMES.join(', ')})`,
    );
  const handler = input.Handler ?? current.handler;
  if (!/^[^\s.][^\s]*\.[^\s.]+$/.test(handler))
    throw invalid(`The handler ${handler} is not of the form file.function`);
  const timeout = within('Timeout', input.Timeout ?? current.timeout, 1, 900);
  const memory = within('MemorySize', input.MemorySize ?? current.memory, 128, 10_240);
  within('EphemeralStorage.Size', input.EphemeralStorage?.Size ?? 512, 512, 512);
  const { LogGroup: logGroup = current.logGroup } = input.LoggingConfig ?? {};
  const logLevels = input.LoggingConfig ? levelsOf(input.LoggingConfig) : current.logLevels;
  const environment = input.Environment ? checkEnvironment(input.Environment.Variables ?? {}) : current.environment;
  const role = input.Role ?? current.role;
  if (input.Role !== undefined) {
    call.authorize('iam:PassRole', role, { 'iam:PassedToService': 'lambda.amazonaws.com' });
    const found = iam.roleByArn(role);
    if (!found || !iam.trusts(found, iam.servicePrincipal('lambda.amazonaws.com')))
      throw invalid('The role defined for the function cannot be assumed by Lambda.');
  }
  const description = input.Description ?? current.description;
  const changed = { modified: new Date(), revision: call.requestId };
  return { runtime, handler, timeout, memory, environment, role, description, logGroup, logLevels, ...changed };
}

/** Levels go with JSON alone, and are INFO unless said (Developer Guide, "Log-level filtering"). */
function levelsOf({ LogFormat, ApplicationLogLevel, SystemLogLevel }: LoggingConfig): LogLevels | undefined {
  if (LogFormat === 'JSON') return { application: ApplicationLogLevel ?? 'INFO', system: SystemLogLevel ?? 'INFO' };
  if (ApplicationLogLevel ?? SystemLogLevel)
    throw invalid('ApplicationLogLevel and SystemLogLevel can only be set for the log format JSON.');
  return undefined;
}

function within(what: string, value: number, least: number, most: number): number {
  if (value < least || value > most)
    throw new AwsError('ValidationException', `${what} is ${value}; allowed are ${least} to ${most}`);
  return value;
}

function checkEnvironment(variables: Record<string, string>): Record<string, string> {
  for (const name of Object.keys(variables)) {
    if (!/^[a-zA-Z][a-zA-Z0-9_]+$/.test(name))
      throw invalid(`The name of the environment variable ${name} is not valid.`);
    if (RESERVED.includes(name))
      throw invalid(`Lambda was unable to configure your environment variables: ${name} is a reserved key.`);
  }
  if (Buffer.byteLength(JSON.stringify(variables)) > MAX_ENVIRONMENT_BYTES)
    throw invalid(`The environment variables exceed the ${MAX_ENVIRONMENT_BYTES} bytes that Lambda allows.`);
  return variables;
}

/** As Lambda answers a function. It is active at once. */
export const describe = (fn: LambdaFunction): FunctionConfiguration => ({
  FunctionName: fn.name,
  FunctionArn: fn.arn,
  Runtime: fn.runtime as Runtime,
  Role: fn.role,
  Handler: fn.handler,
  CodeSize: fn.codeSize,
  CodeSha256: fn.codeSha256,
  Description: fn.description,
  Timeout: fn.timeout,
  MemorySize: fn.memory,
  LastModified: fn.modified.toISOString().replace('Z', '+0000'),
  Version: ONLY_VERSION,
  RevisionId: fn.revision,
  ...(Object.keys(fn.environment).length > 0 && { Environment: { Variables: fn.environment } }),
  TracingConfig: { Mode: 'PassThrough' },
  State: 'Active',
  LastUpdateStatus: 'Successful',
  PackageType: 'Zip',
  Architectures: [fn.architecture],
  EphemeralStorage: { Size: 512 },
  LoggingConfig: {
    LogGroup: fn.logGroup,
    ...(fn.logLevels
      ? {
          LogFormat: 'JSON',
          ApplicationLogLevel: fn.logLevels.application,
          SystemLogLevel: fn.logLevels.system,
        }
      : { LogFormat: 'Text' }),
  },
});

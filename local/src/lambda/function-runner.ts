import { randomBytes } from 'node:crypto';
import { availableParallelism, totalmem } from 'node:os';
import type { MetricStore } from '../cloudwatch/metric-store.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { AwsError } from '../errors.ts';
import type { IamStore, Role } from '../iam/iam-store.ts';
import type { Log } from '../log.ts';
import type { Pace } from '../pace/pace.ts';
import type { Account } from '../service.ts';
import type { Sessions } from '../sts/sessions.ts';
import { CodeFolders } from './code-folders.ts';
import { EnvironmentPool, type Pooled } from './environment-pool.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import { FunctionLogs } from './function-logs.ts';
import { type FunctionStore, type LambdaFunction, ONLY_VERSION } from './function-store.ts';
import type { LogLine } from './log-lines.ts';
import { logReport } from './log-report.ts';
import type { Answer } from './protocol.ts';
import { Starts } from './starts.ts';

export interface FunctionRunnerOptions {
  readonly store: FunctionStore;
  readonly account: Account;
  readonly iam: IamStore;
  readonly sessions: Sessions;
  readonly dispatcher: Dispatcher;
  /** Where it counts invocations and their errors. */
  readonly metrics: MetricStore;
  /** URL of the local cloud, known once it listens. */
  readonly endpoint: () => string;
  /** Folder for the code of functions that run, private to the local cloud. */
  readonly scratch: string;
  readonly log: Log;
  readonly pace: Pace;
}

/** How long the credentials of an environment last, in seconds. One that is nearly out of them gets no further event. */
const SESSION_SECONDS = 3600;
const MARGIN_SECONDS = 60;

/** Environments of a function at a time, unless the pace is that of AWS. */
const FEW = 10;
/** With it, as many as half of this machine's memory holds at some 80 MB each. */
const MOST = Math.max(FEW, Math.floor(totalmem() / 2 / (80 * 1024 * 1024)));

export interface Run {
  readonly answer: Answer;
  /** As they stand in its log. */
  readonly lines: readonly LogLine[];
  /** The last line that the function itself wrote; undefined when it wrote none. */
  readonly last: string | undefined;
}

interface Environment extends Pooled {
  readonly logs: FunctionLogs;
}

/** Runs functions: lays out their code, starts their environments, hands them events, writes their logs. */
export class FunctionRunner {
  readonly #options: FunctionRunnerOptions;
  readonly #pools = new Map<string, EnvironmentPool<Environment>>();
  readonly #byAccessKey = new Map<string, ExecutionEnvironment>();
  readonly #starts = new Starts(availableParallelism());
  readonly #code: CodeFolders;
  #closed = false;

  constructor(options: FunctionRunnerOptions) {
    this.#options = options;
    this.#code = new CodeFolders(options.scratch);
  }

  /** Runs the function once. */
  async run(fn: LambdaFunction, event: string, requestId: string): Promise<Run> {
    const { iam, store } = this.#options;
    const role = iam.roleByArn(fn.role);
    if (!role || !iam.trusts(role, iam.servicePrincipal('lambda.amazonaws.com')))
      throw new AwsError(
        'AccessDeniedException',
        'The role defined for the function cannot be assumed by Lambda.',
        403,
      );
    const folder = await this.#code.folder(fn, store.code.get(fn.name) ?? new Uint8Array());
    if (this.#closed) throw new AwsError('ServiceException', 'The local cloud is closing.', 500);
    const pool = this.#pool(fn.name);
    const lifetime = (fn.timeout + MARGIN_SECONDS) * 1000;
    const make = (): Promise<Environment> => this.#sideBySide(() => this.#start(fn, role, folder));
    return pool.use(fn.revision, lifetime, make, async ({ environment, logs }) => {
      const started = Date.now();
      const message = { requestId, event, functionArn: fn.arn };
      const { answer, lines, milliseconds } = await environment.invoke(message);
      this.#count(fn, 'Invocations', 1);
      // Nothing but zeros tells an alarm that all is well (Lambda Developer Guide, "Using CloudWatch metrics").
      this.#count(fn, 'Errors', 'error' in answer ? 1 : 0);
      const report = logReport(fn, { requestId, started, milliseconds, answer, lines });
      if (!this.#closed) await logs.write(report);
      return { answer, lines: report, last: lines.at(-1)?.message };
    });
  }

  async #sideBySide(start: () => Environment): Promise<Environment> {
    if (this.#options.pace.lambdaConcurrency === Infinity) return start();
    const started = await this.#starts.run(async () => {
      const made = start();
      await made.environment.loaded();
      return made;
    });
    await this.#starts.over();
    return started;
  }

  // AWS runs as many as come; a process each is more than a machine may hold.
  #pool(name: string): EnvironmentPool<Environment> {
    const known = this.#pools.get(name);
    if (known) return known;
    const { pace, log } = this.#options;
    const isUnlimited = pace.lambdaConcurrency === Infinity;
    const most = isUnlimited ? FEW : Math.min(pace.lambdaConcurrency, MOST);
    let isSaid = isUnlimited;
    const pool = new EnvironmentPool<Environment>(most, () => {
      if (!isSaid)
        log.warn(`${name} is to run more than ${most} times at once, which this machine does not do: events wait`);
      isSaid = true;
    });
    this.#pools.set(name, pool);
    return pool;
  }

  /** Kills the environment that has these credentials, amid whatever it does; false when there is none. */
  crash(accessKeyId: string): boolean {
    const environment = this.#byAccessKey.get(accessKeyId);
    environment?.end();
    return environment !== undefined;
  }

  /** Ends what runs of a function, when it is deleted. */
  async end(name: string): Promise<void> {
    const pool = this.#pools.get(name);
    this.#pools.delete(name);
    await pool?.end();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#pools.keys()].map((name) => this.end(name)));
  }

  #count({ name: FunctionName }: LambdaFunction, name: string, value: number): void {
    const metric = { namespace: 'AWS/Lambda', name, dimensions: { FunctionName } };
    this.#options.metrics.add(metric, value, { unit: 'Count' });
  }

  #start(fn: LambdaFunction, role: Role, folder: string): Environment {
    const { iam, sessions, account, dispatcher, endpoint, scratch, log } = this.#options;
    const credentials = sessions.open(role, fn.name, SESSION_SECONDS);
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    // Developer Guide, "Configuring CloudWatch log groups": where functions may share a group, a stream has the function's name.
    const shared = fn.logGroup === `/aws/lambda/${fn.name}` ? '' : fn.name;
    const id = randomBytes(16).toString('hex');
    const stream = `${day}/${shared}[${ONLY_VERSION}]${shared === '' ? id : `[${id}]`}`;
    const { PATH = '' } = process.env;
    const environment = new ExecutionEnvironment({
      folder,
      timeout: fn.timeout,
      memory: fn.memory,
      // Nothing of this process's environment but where programs are: a proxy, a NODE_OPTIONS or the user's own AWS
      // profile would make the function behave in another way than in AWS.
      variables: {
        ...fn.environment,
        PATH,
        HOME: scratch,
        TZ: 'UTC',
        LANG: 'en_US.UTF-8',
        _HANDLER: fn.handler,
        LAMBDA_TASK_ROOT: folder,
        AWS_ENDPOINT_URL: endpoint(),
        AWS_REGION: account.region,
        AWS_DEFAULT_REGION: account.region,
        AWS_EXECUTION_ENV: `AWS_Lambda_${fn.runtime}`,
        AWS_LAMBDA_FUNCTION_NAME: fn.name,
        AWS_LAMBDA_FUNCTION_VERSION: ONLY_VERSION,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memory),
        AWS_LAMBDA_LOG_GROUP_NAME: fn.logGroup,
        AWS_LAMBDA_LOG_STREAM_NAME: stream,
        ...(fn.logLevels && { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: fn.logLevels.application }),
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        AWS_ACCESS_KEY_ID: credentials.AccessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.SecretAccessKey,
        AWS_SESSION_TOKEN: credentials.SessionToken,
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      },
    });
    this.#byAccessKey.set(credentials.AccessKeyId, environment);
    const forget = (): void => void this.#byAccessKey.delete(credentials.AccessKeyId);
    environment.ended().then(forget, forget);
    const logs = new FunctionLogs(fn, stream, iam.session(role, fn.name), dispatcher, log);
    return { environment, logs, revision: fn.revision, expires: credentials.Expiration.getTime() };
  }
}

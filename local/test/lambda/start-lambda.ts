import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { lambdaService } from '../../src/lambda/lambda-service.ts';
import { logsService } from '../../src/logs/logs-service.ts';
import { s3Service } from '../../src/s3/s3-service.ts';
import { ssmService } from '../../src/ssm/ssm-service.ts';
import { type Services, startServices } from '../support/start-services.ts';
import { zip } from '../support/zip.ts';

export const ROLE = 'arn:aws:iam::000000000000:role/function';

/** What the function answered: its result, or its error. */
export interface Invoked {
  readonly functionError: string | undefined;
  readonly status: number | undefined;
  readonly payload: unknown;
}

export interface Lambda {
  readonly services: Services;
  readonly client: LambdaClient;
  /** Makes a function of these files, or of the handler that is the only text, and returns its name. */
  create(code: string | Record<string, string>, settings?: Partial<CreateFunctionCommandInput>): Promise<string>;
  invoke(name: string, event?: unknown, settings?: Partial<InvokeCommandInput>): Promise<Invoked>;
  /** The messages in a log group, the function's own by default. */
  logs(name: string, group?: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Starts Lambda with the services that functions call, and a role for them that may write logs and read a parameter. */
export async function startLambda(folder?: string): Promise<Lambda> {
  const scratch = mkdtempSync(join(tmpdir(), 'lambda-test-'));
  let closeLambda = async (): Promise<void> => undefined;
  const services = await startServices((parts) => {
    const lambda = lambdaService({ ...parts, scratch });
    closeLambda = () => lambda.close();
    return [lambda.service, logsService(parts), s3Service(parts), ssmService(parts)];
  }, folder);
  if (!services.iam.roleByArn(ROLE))
    await services.role(
      'function',
      [
        { Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' },
        { Action: 'ssm:GetParameter', Resource: 'arn:aws:ssm:us-east-1:000000000000:parameter/open' },
      ],
      ['lambda.amazonaws.com'],
    );
  const client = new LambdaClient(services.operator);
  const logs = new CloudWatchLogsClient(services.operator);
  let count = 0;
  return {
    services,
    client,
    async create(code, settings = {}) {
      const FunctionName = settings.FunctionName ?? `function-${++count}`;
      const files = typeof code === 'string' ? { 'index.mjs': code } : code;
      const defaults = { Runtime: 'nodejs24.x', Handler: 'index.handler', Role: ROLE, Timeout: 10 } as const;
      const input = { ...defaults, Code: { ZipFile: zip(files) }, ...settings, FunctionName };
      await client.send(new CreateFunctionCommand(input));
      return FunctionName;
    },
    async invoke(name, event, settings = {}) {
      const Payload = event === undefined ? undefined : Buffer.from(JSON.stringify(event));
      const output = await client.send(new InvokeCommand({ FunctionName: name, Payload, ...settings }));
      const text = Buffer.from(output.Payload ?? []).toString();
      return {
        functionError: output.FunctionError,
        status: output.StatusCode,
        payload: text === '' ? undefined : JSON.parse(text),
      };
    },
    async logs(name, group = `/aws/lambda/${name}`) {
      const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: group }));
      return events.map(({ message = '' }) => message);
    },
    async close() {
      await closeLambda();
      await services.close();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

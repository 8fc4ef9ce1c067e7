import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import * as lambdaSdk from '@aws-sdk/client-lambda';
import type { InvocationRequest } from '@aws-sdk/client-lambda';
import { createCloudFormation } from '../../src/cloudformation/cloudformation.ts';
import { logsService } from '../../src/logs/logs-service.ts';
import { s3Service } from '../../src/s3/s3-service.ts';
import { type Service, operation } from '../../src/service.ts';
import { sqsService } from '../../src/sqs/sqs-service.ts';
import { ssmService } from '../../src/ssm/ssm-service.ts';
import type { Extra } from '../../src/wire/http-server.ts';
import { serviceModel } from '../../src/wire/model.ts';
import { type Services, startServices } from '../support/start-services.ts';
import { type StackClient, stackClient } from './stack-client.ts';

/** What CloudFormation asks of a custom resource. */
export interface CustomResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly ResourceType: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
}

export interface TestCloud extends Services, StackClient {
  readonly client: CloudFormationClient;
  /** The events that the function behind all custom resources was invoked with. */
  readonly invocations: CustomResourceEvent[];
  /** What that function does; it answers by itself. */
  onInvoke(handler: (event: CustomResourceEvent) => unknown): void;
  stop(): Promise<void>;
}

export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:provider';

/** CloudFormation with the services that resources are made of, and a function whose handler the test writes. */
export async function startCloudFormation(folder?: string): Promise<TestCloud> {
  const extras: Extra[] = [];
  const invocations: CustomResourceEvent[] = [];
  let handler: (event: CustomResourceEvent) => unknown = (event) => succeed(event);
  const closing: (() => Promise<void>)[] = [];
  const services = await startServices(
    (parts) => {
      const cloudFormation = createCloudFormation(parts);
      extras.push(cloudFormation.extra);
      closing.push(() => cloudFormation.close());
      const lambda = functionService((event) => {
        invocations.push(event);
        void handler(event);
      });
      return [
        cloudFormation.service,
        lambda,
        ssmService(parts),
        sqsService(parts),
        logsService(parts),
        s3Service(parts),
      ];
    },
    folder,
    extras,
  );
  const client = new CloudFormationClient(services.operator);
  return {
    ...services,
    client,
    invocations,
    onInvoke: (next) => (handler = next),
    ...stackClient(client),
    async stop() {
      client.destroy();
      for (const close of closing) await close();
      await services.close();
    },
  };
}

/** Lambda as far as CloudFormation sees it: an event is taken, and the function runs later. */
const functionService = (run: (event: CustomResourceEvent) => void): Service => ({
  name: 'lambda',
  actionPrefix: 'lambda',
  signingNames: ['lambda'],
  model: serviceModel(lambdaSdk, lambdaSdk.LambdaClient),
  operations: {
    Invoke: operation<InvocationRequest, object>({
      action: 'lambda:InvokeFunction',
      resource: ({ FunctionName = '' }) => FunctionName,
      handle: async ({ Payload, InvocationType }) => {
        if (InvocationType !== 'Event') throw new Error('custom resources are invoked by events');
        const event = JSON.parse(Buffer.from(Payload ?? []).toString('utf8')) as CustomResourceEvent;
        await new Promise((resolve) => setImmediate(resolve));
        setImmediate(() => run(event));
        return { StatusCode: 202 };
      },
    }),
  },
});

/** Puts a body where a custom resource answers. @returns the HTTP status */
export async function put(
  event: CustomResourceEvent,
  body: string,
  headers: Record<string, string> = {},
): Promise<number> {
  // fetch sends a content type of its own unless it is given an empty one.
  const response = await fetch(event.ResponseURL, { method: 'PUT', body, headers: { 'content-type': '', ...headers } });
  await response.arrayBuffer();
  return response.status;
}

/** The members that every answer has. */
export const answerTo = ({ StackId, RequestId, LogicalResourceId, PhysicalResourceId }: CustomResourceEvent) => ({
  StackId,
  RequestId,
  LogicalResourceId,
  PhysicalResourceId: PhysicalResourceId ?? `physical-${LogicalResourceId}`,
});

export const succeed = (event: CustomResourceEvent, more: object = {}): Promise<number> =>
  put(event, JSON.stringify({ Status: 'SUCCESS', ...answerTo(event), ...more }));

export const fail = (event: CustomResourceEvent, more: object = {}): Promise<number> =>
  put(event, JSON.stringify({ Status: 'FAILED', Reason: 'it broke', ...answerTo(event), ...more }));

/** A parameter of the SSM Parameter Store: changed in place by its value, replaced by its name, refused with an empty value. */
export const parameter = (Value: unknown, more: object = {}, attributes: object = {}): object => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Type: 'String', Value, ...more },
  ...attributes,
});

/** A custom resource that is provided by the test's function. */
export const custom = (properties: object = {}, attributes: object = {}): object => ({
  Type: 'Custom::Thing',
  Properties: { ServiceToken: FUNCTION_ARN, ...properties },
  ...attributes,
});

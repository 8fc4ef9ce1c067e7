import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { vi } from 'vitest';
import { handler } from '../../../lambda/device-certificate/handler.ts';

export const PARAMETER = '/esp-fleet/home/shed/identity';

/** The URL of the answer is a secret: the tests look for this in logs and errors. */
export const SECRET = 'X-Amz-Signature=5ec7e7';

/** What CloudFormation is told. */
export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
  readonly Data?: Record<string, string>;
}

export function eventFor(
  RequestType: 'Create' | 'Update' | 'Delete',
  { physicalId, ...properties }: { physicalId?: string; revoked?: boolean; policyName?: string } = {},
): CloudFormationCustomResourceEvent {
  return {
    RequestType,
    RequestId: 'request-1',
    StackId: 'stack-1',
    LogicalResourceId: 'shedCertificate',
    ResourceType: 'Custom::DeviceCertificate',
    ResponseURL: `https://cloudformation.example/answer?${SECRET}`,
    ServiceToken: 'arn:of:function',
    ResourceProperties: {
      ServiceToken: 'arn:of:function',
      ServiceTimeout: '600',
      device: 'shed',
      thingName: 'shed',
      policyName: 'shed',
      parameterName: PARAMETER,
      ...properties,
      revoked: String(properties.revoked ?? false),
    },
    ...(physicalId === undefined ? {} : { PhysicalResourceId: physicalId, OldResourceProperties: {} }),
  } as CloudFormationCustomResourceEvent;
}

/** Runs the function as Lambda would and gives back what CloudFormation was told. */
export async function answerTo(event: CloudFormationCustomResourceEvent, remainingMs = 120_000): Promise<Answer> {
  const put = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response());
  await handler(event, { getRemainingTimeInMillis: () => remainingMs });
  const body = put.mock.lastCall?.[1]?.body;
  put.mockRestore();
  return JSON.parse(body as string) as Answer;
}

import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { vi } from 'vitest';
import { handler } from '../../../lambda/device-certificate/handler.ts';

export const PARAMETER = '/esp-fleet/home/shed/identity';
export const PREVIOUS = '/esp-fleet/home/shed/previous';
export const NEXT = '/esp-fleet/home/shed/next';

/** The URL of the answer is a secret: the tests look for this in logs and errors. */
export const SECRET = 'X-Amz-Signature=5ec7e7';

/** What CloudFormation is told. */
export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
  readonly Data?: Record<string, string>;
}

/** What a fleet file can ask for, and what names give. */
export interface Properties {
  readonly revoked?: boolean;
  readonly generation?: number;
  readonly keyType?: string;
  readonly csr?: string;
  readonly thingName?: string;
  readonly policyName?: string;
  readonly parameterName?: string;
}

export function eventFor(
  RequestType: 'Create' | 'Update' | 'Delete',
  { physicalId, generation, ...properties }: Properties & { readonly physicalId?: string } = {},
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
      ...(generation !== undefined && { generation: String(generation) }),
      revoked: String(properties.revoked ?? false),
    },
    ...(physicalId === undefined ? {} : { PhysicalResourceId: physicalId, OldResourceProperties: {} }),
  } as CloudFormationCustomResourceEvent;
}

let runs = 0;
const bodies = new Map<string, string>();

/** Runs the function as Lambda would and gives back what CloudFormation was told. */
export async function answerTo(event: CloudFormationCustomResourceEvent, remainingMs = 120_000): Promise<Answer> {
  const ResponseURL = `${event.ResponseURL}&run=${++runs}`;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    bodies.set(url as string, init?.body as string);
    return new Response();
  });
  await handler({ ...event, ResponseURL }, { getRemainingTimeInMillis: () => remainingMs });
  return JSON.parse(bodies.get(ResponseURL) ?? '') as Answer;
}

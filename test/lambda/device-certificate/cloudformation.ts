import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { vi } from 'vitest';
import { handler } from '../../../lambda/device-certificate/handler.ts';

/** Where the identity of a generation of the device `shed` lies. */
export const pathOf = (generation = 1): string => `/esp-fleet/home/shed/${generation}`;

/** The logical id of a generation of the device `shed`. */
export const logicalIdOf = (generation = 1): string => `shedCertificate${generation}`;

/** The URL of the answer is a secret: the tests look for this in logs and errors. */
export const SECRET = 'X-Amz-Signature=5ec7e7';

/** What CloudFormation is told. */
export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
}

/** What a fleet file can ask for. */
export interface Properties {
  readonly generation?: number;
  readonly revoked?: boolean;
  readonly keyType?: string;
  readonly csr?: string;
  readonly certificateId?: string;
  readonly policies?: readonly string[];
  readonly key?: 'board';
}

export type Event = CloudFormationCustomResourceEvent;

/** @param before the properties before an update; by default the same */
export function eventFor<Type extends Event['RequestType']>(
  RequestType: Type,
  { physicalId, ...properties }: Properties & { readonly physicalId?: string } = {},
  before: Properties = properties,
): Extract<Event, { RequestType: Type }> {
  const all = ({ generation, revoked = false, ...rest }: Properties) => ({
    ServiceToken: 'arn:of:function',
    device: 'shed',
    parameterPath: rest.key === 'board' ? '/esp-fleet/home/shed' : pathOf(generation),
    ...rest,
    ...(revoked && { revoked: 'true' }), // CloudFormation turns every value into text
  });
  return {
    RequestType,
    RequestId: 'request-1',
    StackId: 'stack-1',
    LogicalResourceId: logicalIdOf(properties.generation),
    ResourceType: 'Custom::DeviceCertificate',
    ResponseURL: `https://cloudformation.example/answer?${SECRET}`,
    ServiceToken: 'arn:of:function',
    ResourceProperties: all(properties),
    ...(physicalId !== undefined && { PhysicalResourceId: physicalId }),
    ...(RequestType === 'Update' && { OldResourceProperties: all(before) }),
  } as unknown as Extract<Event, { RequestType: Type }>;
}

let runs = 0;
const bodies = new Map<string, string>();

/** Runs the function as Lambda would and gives back what CloudFormation was told. */
export async function answerTo(event: Event, remainingMs = 120_000): Promise<Answer> {
  const ResponseURL = `${event.ResponseURL}&run=${++runs}`;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    bodies.set(url as string, init?.body as string);
    return new Response();
  });
  await handler({ ...event, ResponseURL }, { getRemainingTimeInMillis: () => remainingMs });
  return JSON.parse(bodies.get(ResponseURL) ?? '') as Answer;
}

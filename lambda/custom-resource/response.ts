import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import { setTimeout } from 'node:timers/promises';

/** Resolves after this many milliseconds. */
export const pause = (milliseconds: number): Promise<void> => setTimeout(milliseconds);

/** What became of an event. */
export interface Answer {
  readonly physicalId: string;
  /** Why it failed; absent when it did not. */
  readonly failure?: string;
}

const ATTEMPTS = 5;

/**
 * Puts the answer where CloudFormation waits for it.
 *
 * @throws {Error} when that fails several times; Lambda then runs the event again, which gives the same answer
 */
export async function respond(event: CloudFormationCustomResourceEvent, answer: Answer): Promise<void> {
  const body = JSON.stringify(responseTo(event, answer));
  let problem: string | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    problem = await put(event.ResponseURL, body);
    if (problem === undefined) return;
    await pause(100 * 2 ** attempt);
  }
  throw new Error(`CloudFormation did not take the answer: ${problem}`);
}

/** @returns what went wrong, in words that do not hold the URL: whoever has it can answer in our name */
async function put(url: string, body: string): Promise<string | undefined> {
  try {
    // The URL is signed for a request without a content type.
    const headers = { 'content-type': '' };
    const response = await fetch(url, { method: 'PUT', body, headers, signal: AbortSignal.timeout(10_000) });
    return response.ok ? undefined : `HTTP status ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown error';
  }
}

function responseTo(
  event: CloudFormationCustomResourceEvent,
  { physicalId, failure }: Answer,
): CloudFormationCustomResourceResponse {
  const common = {
    PhysicalResourceId: physicalId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
  };
  return failure === undefined ? { ...common, Status: 'SUCCESS' } : { ...common, Status: 'FAILED', Reason: failure };
}

import type { Message } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { unlessItThrows } from '../../lib/fleet/unless-it-throws.ts';

/** A message that the time-series did not take. */
export interface DeadLetter {
  /** The id that SQS gave it, a UUID. */
  readonly id: string;
  readonly rule: string;
  readonly topic: string;
  readonly payload: Buffer;
  /** When it reached the queue, in milliseconds since 1970: AWS IoT sent it there moments after it had arrived. */
  readonly arrived: number;
}

/** What an error action sends (Developer Guide, "Error handling (error action)"). It carries no time. */
const errorMessage = z.object({ ruleName: z.string(), topic: z.string(), base64OriginalPayload: z.base64() });

/** @returns undefined when the message is nothing that the error action of a topic rule sends */
export function deadLetterIn({ MessageId: id, Body = '', Attributes }: Message): DeadLetter | undefined {
  const body = errorMessage.safeParse(unlessItThrows(() => JSON.parse(Body) as unknown));
  const arrived = Number(Attributes?.SentTimestamp);
  if (!body.success || id === undefined || Number.isNaN(arrived)) return undefined;
  const { ruleName: rule, topic, base64OriginalPayload } = body.data;
  return { id, rule, topic, payload: Buffer.from(base64OriginalPayload, 'base64'), arrived };
}

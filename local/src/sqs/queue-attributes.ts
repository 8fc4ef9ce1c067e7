import type { QueueAttributeName } from '@aws-sdk/client-sqs';
import { AwsError, NotImplementedError } from '../errors.ts';
import { checkResourcePolicy } from '../policy/resource-policy.ts';

type Attributes = Readonly<Partial<Record<QueueAttributeName, string>>>;

/** API Reference, CreateQueue and SetQueueAttributes: default, least and most. */
const NUMBERS: Readonly<Partial<Record<string, readonly [standard: number, least: number, most: number]>>> = {
  DelaySeconds: [0, 0, 900],
  MaximumMessageSize: [1_048_576, 1024, 1_048_576],
  MessageRetentionPeriod: [345_600, 60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 0, 20],
  VisibilityTimeout: [30, 0, 43_200],
};

export const DEFAULT_ATTRIBUTES: Attributes = {
  ...Object.fromEntries(Object.entries(NUMBERS).map(([name, limits]) => [name, String(limits?.[0])])),
  SqsManagedSseEnabled: 'true',
};

const invalid = (name: string): AwsError =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);

/** Refuses what a queue can't be given, and what it can be given in AWS but not here. */
export function checkAttributes(attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    const limits = NUMBERS[name];
    if (limits) {
      const [, least, most] = limits;
      if (!/^\d+$/.test(value) || Number(value) < least || Number(value) > most) throw invalid(name);
    } else if (name === 'SqsManagedSseEnabled') {
      if (value !== 'true' && value !== 'false') throw invalid(name);
    } else if (name === 'Policy') {
      if (value !== '') checkResourcePolicy(value, 'InvalidAttributeValue');
    } else throw new NotImplementedError(`the attribute ${name} of an SQS queue`);
  }
}

import { AwsError } from '../../errors.ts';
import type { JsonObject, Message } from '../sql/index.ts';
import type { RuleAction } from './rule-action.ts';

/** An action that failed, and why. */
export interface Failure {
  readonly action: RuleAction;
  readonly error: unknown;
}

/** What an error action gets: one message for all actions of a rule that failed (DG, rule-error-handling). */
export const errorMessage = (ruleName: string, message: Message, failures: readonly Failure[]): JsonObject => ({
  ruleName,
  topic: message.topic,
  cloudwatchTraceId: message.traceId,
  // As clientid() answers for a message that did not come over MQTT.
  clientId: message.clientId ?? 'n/a',
  base64OriginalPayload: Buffer.from(message.payload).toString('base64'),
  failures: failures.map(({ action, error }) => ({
    failedAction: action.name,
    failedResource: action.resource,
    errorMessage: `${reason(error)} Message arrived on: ${message.topic}, Resource: ${action.resource}`,
  })),
});

const reason = (error: unknown): string =>
  error instanceof AwsError
    ? `The error received was ${error.message} (Status Code: ${error.status}; Error Code: ${error.code}).`
    : `The error received was ${error instanceof Error ? error.message : String(error)}.`;

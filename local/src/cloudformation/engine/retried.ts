import { isThrottlingError, isTransientError } from '@smithy/core/retry';
import { setTimeout } from 'node:timers/promises';
import { AwsError } from '../../errors.ts';
import type { Invoke } from '../resources/provider.ts';

/** Before each further attempt. How often AWS tries and how long it waits is not documented. */
const PAUSES_MS = [25, 50, 100, 200];

/**
 * Makes calls again that were throttled or met an internal error, as the handlers of CloudFormation do: both are retriable,
 * anything else ends the step (CloudFormation CLI User Guide, "Resource type handler error codes").
 */
export function retried(invoke: Invoke): Invoke {
  return async (service, operation, input) => {
    for (const pause of PAUSES_MS) {
      try {
        return await invoke(service, operation, input);
      } catch (error) {
        if (!isRetriable(error)) throw error;
        await setTimeout(pause);
      }
    }
    return invoke(service, operation, input);
  };
}

/** By the lists of the SDK, in the form that it gives to errors. */
function isRetriable(error: unknown): boolean {
  if (!(error instanceof AwsError)) return false;
  const { code: name, message, status: httpStatusCode } = error;
  const asClient = { name, message, $fault: 'client' as const, $metadata: { httpStatusCode } };
  return isThrottlingError(asClient) || isTransientError(asClient);
}

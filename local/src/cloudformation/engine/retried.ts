import { isThrottlingError, isTransientError } from '@smithy/core/retry';
import { AwsError } from '../../errors.ts';
import type { Invoke } from '../resources/provider.ts';
import { pause } from './handler.ts';

/**
 * Makes calls again that were throttled or met an internal error, as the handlers of CloudFormation do: both are retriable,
 * anything else ends the step (CloudFormation CLI User Guide, "Resource type handler error codes").
 *
 * @param pauses milliseconds before each further attempt
 * @param signal ends the pauses
 */
export function retried(invoke: Invoke, pauses: readonly number[], signal: AbortSignal): Invoke {
  return async (service, operation, input) => {
    for (const milliseconds of pauses) {
      try {
        return await invoke(service, operation, input);
      } catch (error) {
        if (!isRetriable(error)) throw error;
        await pause(milliseconds, signal);
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

import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { clientConfig } from '../../aws/clients.ts';
import { endpoint } from '../fleet/cloud-choice.ts';
import { errorMessage } from '../terminal/error-message.ts';

/**
 * Why the local cloud that this environment leads to cannot be used: it has ended, or was started anew, with other keys.
 *
 * @returns a sentence that says what to do; undefined when it answers, and for AWS itself, which nobody asks here
 */
export async function staleEnvironment(): Promise<string | undefined> {
  const local = endpoint();
  if (local === undefined) return undefined;
  try {
    await new STSClient({ ...clientConfig, maxAttempts: 2 }).send(new GetCallerIdentityCommand({}));
    return undefined;
  } catch (error) {
    return errorMessage(error, local);
  }
}

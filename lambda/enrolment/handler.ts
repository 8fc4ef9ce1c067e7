import { NAME_PATTERN } from '../../lib/fleet/names.ts';
import { admit } from './admission.ts';
import type { HookEvent } from './event.ts';

/** AWS IoT refuses whatever is not allowed in so many words, and tells the board no more than that. */
export interface HookAnswer {
  readonly allowProvisioning: boolean;
  /** What the template attaches the certificate to. */
  readonly parameterOverrides?: { readonly thing: string; readonly policy: string };
}

/**
 * Decides whether a board gets the certificate that it asks for. AWS IoT waits 5 seconds for the answer. Each one is logged, with
 * the reason of a refusal, and never with the code.
 */
export async function handler({ parameters = {}, ...event }: HookEvent): Promise<HookAnswer> {
  const { device = '' } = parameters;
  const { claimCertificateId, certificateId, clientId } = event;
  let failed: Error | undefined;
  const answer = await admit({ ...event, parameters }).catch((error: unknown) => {
    if (!isConflict(error)) failed = error instanceof Error ? error : new Error(String(error));
    return { refused: reasonOf(error) };
  });
  const { refused } = answer;
  const outcome = refused === undefined ? { admitted: true } : { refused };
  const who = { device: NAME_PATTERN.test(device) ? device : undefined, clientId, claimCertificateId, certificateId };
  console.log(JSON.stringify({ ...outcome, ...who }));
  if (failed !== undefined) throw failed; // AWS IoT refuses then, too; and the alarm rings
  if (refused !== undefined) return { allowProvisioning: false };
  const { thingName: thing, policyName: policy } = answer.holder;
  return { allowProvisioning: true, parameterOverrides: { thing, policy } };
}

const isConflict = (error: unknown): boolean => error instanceof Error && error.name === 'VersionConflictException';

function reasonOf(error: unknown): string {
  if (isConflict(error)) return 'somebody else asked, or the device was changed, at the same time';
  return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error';
}

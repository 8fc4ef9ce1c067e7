import { CreatePolicyCommand, DeletePolicyCommand, ResourceAlreadyExistsException } from '@aws-sdk/client-iot';
import { type Certificate, shortId } from './certificates.ts';
import { iot } from './clients.ts';
import { unlessGone } from './gone.ts';
import { attachPolicy, detachPolicy, isLetGo, targetsOf } from './policies.ts';
import { waitUntil } from './wait.ts';
import { standInName } from '../lib/fleet/names.ts';

/*
 * AWS IoT may refuse to delete a policy for up to five minutes after it was detached (API Reference, DeletePolicy), while its
 * lists are empty already; and CloudFormation asks once. So the policy of a device that goes is followed by another one, which
 * is attached and detached after it, and belongs to nobody: once that one can be deleted, so can the policy.
 */

/** Allows nothing, and denies nothing that anybody does: a certificate that is given back works on beside it. */
function emptyPolicy({ arn }: Pick<Certificate, 'arn'>, policyName: string): string {
  const Resource = arn.replace(/:cert\/.*$/, `:client/${standInName(policyName)}`);
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'iot:Connect', Resource }] });
}

/**
 * Attaches and detaches the stand-in, if nothing has the policy any more: then the whole device is likely to go. To be called
 * once the policy is detached: it waits until AWS IoT shows that, so that of two certificates that go at once the last one sees it.
 *
 * @param deadline in milliseconds since 1970
 */
export async function passStandIn(
  certificate: Pick<Certificate, 'id' | 'arn'>,
  policyName: string,
  deadline: number,
): Promise<void> {
  let targets: readonly string[] | undefined;
  const what = `certificate ${shortId(certificate)} is seen to be detached from the policy ${policyName}`;
  await waitUntil(what, deadline, async () => {
    targets = await targetsOf(policyName);
    return targets?.includes(certificate.arn) !== true;
  });
  if (targets === undefined || targets.length > 0) return;
  const standIn = { policyName: standInName(policyName), policyDocument: emptyPolicy(certificate, policyName) };
  const isThere = (error: unknown) => error instanceof ResourceAlreadyExistsException; // an earlier run has made it
  await unlessGone(iot.send(new CreatePolicyCommand(standIn)), isThere);
  await attachPolicy(standIn.policyName, certificate.arn);
  await detachPolicy(standIn.policyName, certificate.arn);
}

/** Waits until the stand-in can be deleted, if there is one. @param deadline in milliseconds since 1970 */
export async function deleteStandIn(policyName: string, deadline: number): Promise<void> {
  const deletion = () => iot.send(new DeletePolicyCommand({ policyName: standInName(policyName) }));
  await waitUntil(`the policy ${policyName} can be deleted`, deadline, () => isLetGo(deletion), 20_000);
}

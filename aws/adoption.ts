import { ResourceNotFoundException } from '@aws-sdk/client-iot';
import { type Certificate, type Holder, shortId } from './certificates.ts';
import type { RecordedCertificate } from './identities.ts';
import { attachPolicy, detachPolicy, policyNamesOf, targetsOf } from './policies.ts';
import { waitUntil } from './wait.ts';
import { standInName } from '../lib/fleet/names.ts';

/*
 * A certificate that was there before its device came to the fleet is taken over as it is, and given back as it was: it is
 * never made INACTIVE, detached from its thing or deleted, and at no moment without the policies by which its board lives.
 */

/**
 * Gives such a certificate the policy of its device, and takes away what it had and does not keep. What it keeps and was
 * taken away before, as when an update is rolled back, comes back.
 *
 * @param found the policies that it had
 * @param kept those of them that it keeps
 * @param deadline in milliseconds since 1970
 */
export async function settlePolicies(
  certificate: Pick<Certificate, 'id' | 'arn'>,
  { policyName }: Pick<Holder, 'policyName'>,
  { found, kept }: { readonly found: readonly string[]; readonly kept: readonly string[] },
  deadline: number,
): Promise<void> {
  const wanted = [policyName, ...found.filter((name) => kept.includes(name))];
  const { attached, gone } = await attachAll(certificate, wanted, deadline);
  if (gone.includes(policyName)) throw new Error(`there is no policy ${policyName}`);
  // A deletion that did not come to its end may have left its stand-in.
  const unwanted = [...found.filter((name) => !kept.includes(name)), standInName(policyName)];
  for (const name of unwanted) if (attached.includes(name)) await detachPolicy(name, certificate.arn);
}

/**
 * Gives such a certificate back what it had, and takes the policy of the device away, so that that can be deleted. Every step
 * can be repeated.
 *
 * @param deadline in milliseconds since 1970
 * @returns the policies that are gone, and cannot be given back
 * @throws {Error} when it is not known what the certificate had
 */
export async function giveBack(
  certificate: Pick<Certificate, 'id' | 'arn'>,
  record: RecordedCertificate | undefined,
  { policyName }: Pick<Holder, 'policyName'>,
  deadline: number,
): Promise<readonly string[]> {
  const { id, arn } = certificate;
  const isOurs = async () => ((await targetsOf(policyName)) ?? []).includes(arn);
  let gone: readonly string[] = [];
  if (record?.certificateId === id && record.policies !== undefined) {
    ({ gone } = await attachAll(certificate, record.policies, deadline));
  } else if (await isOurs()) {
    throw new Error(
      `which policies certificate ${shortId(certificate)} had before is not recorded any more; attach them by hand ` +
        `(aws iot attach-policy --policy-name NAME --target ${arn}), detach ${policyName}, and run the same again`,
    );
  }
  await detachPolicy(policyName, arn);
  const what = `certificate ${shortId(certificate)} is detached from the policy ${policyName}`;
  await waitUntil(what, deadline, async () => !(await isOurs()));
  return gone;
}

/**
 * Attaches policies, and waits until AWS IoT shows all of them.
 *
 * @returns all policies that the certificate has now, and those of these that there are not any more
 */
async function attachAll(
  { id, arn }: Pick<Certificate, 'id' | 'arn'>,
  names: readonly string[],
  deadline: number,
): Promise<{ readonly attached: readonly string[]; readonly gone: readonly string[] }> {
  const gone: string[] = [];
  let attached = await policyNamesOf(arn);
  const missing = () => names.filter((name) => !attached.includes(name) && !gone.includes(name));
  for (const policyName of missing()) {
    try {
      await attachPolicy(policyName, arn);
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
      gone.push(policyName);
    }
  }
  if (missing().length === 0) return { attached, gone };
  await waitUntil(`certificate ${shortId({ id })} is seen to have ${missing().join(' and ')}`, deadline, async () => {
    attached = await policyNamesOf(arn);
    return missing().length === 0;
  });
  return { attached, gone };
}

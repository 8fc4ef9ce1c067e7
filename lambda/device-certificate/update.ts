import type { CloudFormationCustomResourceUpdateEvent } from 'aws-lambda';
import { isDeepStrictEqual } from 'node:util';
import { settlePolicies } from '../../aws/adoption.ts';
import { findCertificate, foreignThingOf, revoke, shortId } from '../../aws/certificates.ts';
import { readCertificate } from '../../aws/identities.ts';
import { revokeEnrolled } from './enrolled.ts';
import { isCertificateId, propertiesOf } from './event.ts';
import { isAsked } from './key.ts';
import { isUnderWay } from '../custom-resource/wanted.ts';

/**
 * Revokes, and changes nothing else of a certificate that the fleet has made; of one that was there before also which of its
 * policies it keeps. A rollback is an update as well, so what is REVOKED stays so, whichever way `revoked` turns.
 *
 * @param deadline when to give up waiting for AWS, in milliseconds since 1970
 * @throws {Error} when another key is asked for: that is another generation
 */
export async function update(event: CloudFormationCustomResourceUpdateEvent, deadline: number): Promise<void> {
  const { PhysicalResourceId: id, ResourceProperties: now, OldResourceProperties: before } = event;
  const properties = propertiesOf(event);
  if (properties.enrols) {
    if (properties.revoked && (await isUnderWay(event))) await revokeEnrolled(properties);
    return;
  }
  const hasChanged = (...names: string[]) => names.some((name) => !isDeepStrictEqual(now[name], before[name]));
  const asksForKey = hasChanged('keyType', 'csr', 'certificateId');
  const asksForPolicies = hasChanged('policies');
  if (!isCertificateId(id) || !(properties.revoked || asksForKey || asksForPolicies)) return;

  const certificate = await findCertificate(id);
  if (certificate === undefined) return; // gone is as good as REVOKED
  if (properties.revoked) {
    const foreign = await foreignThingOf(certificate, properties);
    if (foreign !== undefined) {
      throw new Error(`certificate ${id} belongs to the thing "${foreign}", not to "${properties.thingName}"`);
    }
    return revoke(certificate);
  }
  const recorded = await readCertificate(properties.parameterPath);
  const found = recorded?.certificateId === id ? recorded.policies : undefined;
  const { certificateId, policyName, policies: kept } = properties;
  if (asksForKey) {
    const wasThere = found !== undefined || before.certificateId !== undefined;
    const isSame =
      certificateId === undefined
        ? found === undefined && isAsked(certificate.pem, properties)
        : certificateId === id && wasThere;
    if (!isSame) {
      throw new Error(
        `the certificate of ${properties.device} is for another key, and a certificate never changes; take the change back ` +
          `and give it to a new generation: bin/fleet rotate ${properties.device}`,
      );
    }
  }
  if (certificateId === undefined || !asksForPolicies) return;
  const wrong =
    found === undefined
      ? 'which policies it had before is not recorded any more; see: bin/fleet doctor'
      : kept.filter((name) => !found.includes(name)).map((name) => `it had no policy "${name}" that it could keep`)[0];
  if (wrong !== undefined) throw new Error(`certificate ${shortId({ id })} of ${properties.device}: ${wrong}`);
  await settlePolicies(certificate, { policyName }, { found: found ?? [], kept }, deadline);
}

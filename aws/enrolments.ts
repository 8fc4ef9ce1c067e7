import { DescribeThingCommand, UpdateThingCommand } from '@aws-sdk/client-iot';
import { CODE, type Enrolment, enrolmentIn, HAS, hasText, REVOKED, WANTS } from '../lib/fleet/enrolment.ts';
import { type Certificate, certificatesOf, findCertificate } from './certificates.ts';
import { iot } from './clients.ts';
import { unlessGone } from './gone.ts';

/** What a thing says of the enrolment of its board, and of which version of the thing that is. */
export interface ThingEnrolment extends Enrolment {
  readonly version: number | undefined;
}

/** Undefined when there is no such thing. */
export async function enrolmentOf(thingName: string): Promise<ThingEnrolment | undefined> {
  const thing = await unlessGone(iot.send(new DescribeThingCommand({ thingName })));
  return thing && { ...enrolmentIn(thing.attributes ?? {}), version: thing.version };
}

/**
 * Changes attributes of a thing, and leaves the others as they are. An empty value takes one away (API Reference, AttributePayload).
 *
 * @param expectedVersion @default whichever it is
 * @throws {VersionConflictException} when it is another one
 */
export async function changeEnrolment(
  thingName: string,
  attributes: Readonly<Record<string, string>>,
  expectedVersion?: number,
): Promise<void> {
  await iot.send(
    new UpdateThingCommand({
      thingName,
      attributePayload: { attributes, merge: true },
      ...(expectedVersion !== undefined && { expectedVersion }),
    }),
  );
}

/** From now on nobody is admitted for the device, and neither is who was about to be: the version of its thing is another one. */
export async function refuseEnrolments(thingName: string): Promise<void> {
  await unlessGone(changeEnrolment(thingName, { [WANTS]: REVOKED }));
}

/** Takes away all that is said of the enrolment, as of a device whose board makes no key. */
export async function forgetEnrolment(thingName: string): Promise<void> {
  await unlessGone(changeEnrolment(thingName, { [WANTS]: '', [HAS]: '', [CODE]: '' }));
}

/** Writes down a certificate as the one that was admitted last, for {@link certificatesOfEnrolment} to find it again. */
export async function noteAdmitted(thingName: string, certificateId: string): Promise<void> {
  await unlessGone(changeEnrolment(thingName, { [HAS]: hasText(0, certificateId) }));
}

/**
 * The certificate that was admitted last, which may be about to be attached, and then the others that are attached to a thing;
 * undefined when there is no such thing.
 */
export async function certificatesOfEnrolment(thingName: string): Promise<Certificate[] | undefined> {
  const [attached, enrolment] = [await certificatesOf(thingName), await enrolmentOf(thingName)];
  const id = enrolment?.has?.certificateId;
  if (attached === undefined || id === undefined) return attached;
  const admitted = attached.find((one) => one.id === id) ?? (await findCertificate(id));
  return admitted === undefined ? attached : [admitted, ...attached.filter((one) => one.id !== id)];
}

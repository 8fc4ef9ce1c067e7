import { DescribeThingCommand, UpdateThingCommand } from '@aws-sdk/client-iot';
import { CODE, type Enrolment, enrolmentIn, HAS, hasText, REVOKED, WANTS } from '../lib/fleet/enrolment.ts';
import { type Certificate, certificatesOf, findCertificate, foreignThingOf } from './certificates.ts';
import { iot } from './clients.ts';
import { unlessGone } from './gone.ts';

/** What is known of the enrolment of a device, and of which version that is. */
export interface KnownEnrolment extends Enrolment {
  readonly version: number | undefined;
}

/** Where that stands: at a thing, or in the table of the devices that are lines of a list, see device-table.ts. */
export interface EnrolmentStore {
  /** Undefined when there is no such thing or line. */
  read(): Promise<KnownEnrolment | undefined>;
  /**
   * Changes values, and leaves the others as they are.
   *
   * @param expectedVersion @default whichever it is
   * @throws {VersionConflictException} when it is another one
   * @throws {ResourceNotFoundException} when there is no such thing or line
   */
  change(values: Readonly<Record<string, string>>, expectedVersion?: number): Promise<void>;
}

/** The attributes of a thing (API Reference, AttributePayload: "To remove an attribute, call UpdateThing with an empty attribute value"). */
export function thingStore(thingName: string): EnrolmentStore {
  return {
    read: async () => {
      const thing = await unlessGone(iot.send(new DescribeThingCommand({ thingName })));
      return thing && { ...enrolmentIn(thing.attributes ?? {}), version: thing.version };
    },
    change: async (attributes, expectedVersion) => {
      await iot.send(
        new UpdateThingCommand({
          thingName,
          attributePayload: { attributes, merge: true },
          ...(expectedVersion !== undefined && { expectedVersion }),
        }),
      );
    },
  };
}

/**
 * How long AWS IoT may go on with what was admitted before nobody was any more: it waits 5 s for the answer of the hook (Developer
 * Guide, "Pre-provisioning hooks").
 */
export const ADMITTED_MS = 5_000;

/** From now on nobody is admitted for the device, and neither is who was about to be: the version is another one. */
export async function refuseEnrolments(store: EnrolmentStore): Promise<void> {
  await unlessGone(store.change({ [WANTS]: REVOKED }));
}

/** Takes away all that a thing says of the enrolment, as of a device whose board makes no key. */
export async function forgetEnrolment(thingName: string): Promise<void> {
  await unlessGone(thingStore(thingName).change({ [WANTS]: '', [HAS]: '', [CODE]: '' }));
}

/** Writes down a certificate as the one that was admitted last, for {@link certificatesOfEnrolment} to find it again. */
export async function noteAdmitted(store: EnrolmentStore, certificateId: string): Promise<void> {
  await unlessGone(store.change({ [HAS]: hasText(0, certificateId) }));
}

/**
 * The certificate that was admitted last, which may be about to be attached, and then the others that are attached to a thing;
 * undefined when there is neither a thing nor a certificate.
 */
export async function certificatesOfEnrolment(
  thingName: string,
  store: EnrolmentStore,
): Promise<Certificate[] | undefined> {
  const [attached, enrolment] = [await certificatesOf(thingName), await store.read()];
  const id = enrolment?.has?.certificateId;
  if (id === undefined) return attached;
  const admitted = attached?.find((one) => one.id === id) ?? (await findCertificate(id));
  return admitted === undefined ? attached : [admitted, ...(attached ?? []).filter((one) => one.id !== id)];
}

/** The same without what is another thing's as well, and so not ours to touch. */
export async function ownCertificates(thingName: string, store: EnrolmentStore): Promise<Certificate[]> {
  const own: Certificate[] = [];
  for (const certificate of (await certificatesOfEnrolment(thingName, store)) ?? []) {
    if ((await foreignThingOf(certificate, { thingName })) === undefined) own.push(certificate);
  }
  return own;
}

import type { DeviceProperties } from './event.ts';
import type { Identity } from './identity.ts';
import type { Draft, IdentityStore } from './identity-store.ts';
import { Overtaken } from './overtaken.ts';

/** What the steps of one run of an event share. */
export interface Run {
  readonly device: DeviceProperties;
  readonly store: IdentityStore;
  /** When to give up waiting for AWS, in milliseconds since 1970. */
  readonly deadline: number;
  /** Told the id of a certificate once it is recorded, so that a failed creation can name what is to be cleaned up. */
  readonly onCertificate: (certificateId: string) => void;
}

/** What an event finds in the store. */
export interface Recorded {
  readonly identity: Identity | undefined;
  readonly previous: Identity | undefined;
  readonly draft: Draft | undefined;
}

/** @throws {Error} when an identity is of another thing */
export async function readRecorded({ store, device }: Run): Promise<Recorded> {
  const identity = await store.read('identity');
  const previous = await store.read('previous');
  const draft = await store.readDraft();
  const foreign = [identity, previous, draft?.identity].find((one) => one && one.thingName !== device.thingName);
  if (foreign !== undefined) {
    throw new Error(
      `${device.parameterName} belongs to the thing "${foreign.thingName}", not to "${device.thingName}"`,
    );
  }
  return { identity, previous, draft };
}

/** @throws {Overtaken} when another run has made another identity the current one since */
export async function ensureUnchanged({ identity }: Recorded, { store }: Run): Promise<void> {
  const now = await store.read('identity');
  if (now?.certificateId !== identity?.certificateId) throw new Overtaken();
}

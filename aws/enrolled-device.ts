import type { FleetNames } from '../lib/fleet/names.ts';
import type { Holder } from './certificates.ts';
import { findLine, lineStore } from './device-table.ts';
import { type EnrolmentStore, type KnownEnrolment, thingStore } from './enrolments.ts';

/** A device by its name, be it the line of a list or one that has a thing before its board enrols. */
export interface EnrolledDevice {
  /** What its certificates are attached to. */
  readonly holder: Holder;
  readonly store: EnrolmentStore;
  readonly enrolment: KnownEnrolment;
  /** Whether it is a line, and there is a thing of its name that no enrolment of it has made. */
  readonly isTaken: boolean;
}

/** Undefined when there is neither a line nor a thing. */
export async function findEnrolledDevice(names: FleetNames, device: string): Promise<EnrolledDevice | undefined> {
  const holder = names.holder(device);
  const store = thingStore(holder.thingName);
  const [line, thing] = await Promise.all([findLine(names.deviceTable, device), store.read()]);
  if (line !== undefined) {
    return {
      holder: names.listedHolder(line.site, device),
      store: lineStore(names.deviceTable, device),
      enrolment: line,
      isTaken: line.has === undefined && thing !== undefined,
    };
  }
  return thing && { holder, store, enrolment: thing, isTaken: false };
}

import { lineStore } from '../../aws/device-table.ts';
import { type EnrolmentStore, thingStore } from '../../aws/enrolments.ts';
import type { Revocable } from './revocable.ts';

/** Where the enrolment of a device stands. */
export function storeOf({
  site: { names, list },
  device: { name },
}: Pick<Revocable, 'site' | 'device'>): EnrolmentStore {
  return list === undefined ? thingStore(names.thing(name)) : lineStore(names.deviceTable, name);
}

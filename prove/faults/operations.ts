import type { ProvedDevice } from './device.ts';
import type { CertificateProperties } from './device-template.ts';
import { type Inspection, inspectGone, inspectLive, inspectRevoked } from './inspections.ts';

/** What an operator does to a device, and how everything has to be afterwards. */
export interface Operation {
  readonly name: string;
  /** Without a fault. */
  prepare(device: ProvedDevice): Promise<void>;
  /** A deployment. @returns the status of the stack */
  perform(device: ProvedDevice): Promise<string | undefined>;
  inspect(device: ProvedDevice): Promise<Inspection>;
}

const FIRST: CertificateProperties = { revoked: false, generation: '1', keyType: 'ec' };

/** A deployment that changes the certificate of a device from the first one. */
const change = (
  name: string,
  properties: CertificateProperties | undefined,
  inspect: Operation['inspect'],
): Operation => ({
  name,
  prepare: async (device) => void (await device.deploy(FIRST)),
  perform: async (device) => (await device.deploy(properties)).StackStatus,
  inspect,
});

export const OPERATIONS: readonly Operation[] = [
  {
    name: 'create',
    prepare: async () => undefined,
    perform: async (device) => (await device.deploy(FIRST)).StackStatus,
    inspect: (device) => inspectLive(device, '1 ec'),
  },
  {
    name: 'add',
    prepare: async (device) => void (await device.deploy(undefined)),
    perform: async (device) => (await device.deploy(FIRST)).StackStatus,
    inspect: (device) => inspectLive(device, '1 ec'),
  },
  change('update', { ...FIRST, keyType: 'rsa' }, (device) => inspectLive(device, '1 rsa', '1 ec')),
  change('rotate', { ...FIRST, generation: '2' }, (device) => inspectLive(device, '2 ec', '1 ec')),
  change('revoke', { ...FIRST, revoked: true }, inspectRevoked),
  change('remove', undefined, inspectGone),
  {
    name: 'delete',
    prepare: async (device) => void (await device.deploy(FIRST)),
    perform: async (device) => (await device.destroy())?.StackStatus,
    inspect: inspectGone,
  },
];

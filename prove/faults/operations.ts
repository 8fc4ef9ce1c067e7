import type { Attempt, ProvedDevice } from './device.ts';
import { type Inspection, inspectGone, inspectLive, inspectPolicy, inspectRevoked } from './inspections.ts';

/** What an operator does to a device, and how everything has to be afterwards. */
export interface Operation {
  readonly name: string;
  /** A verb of `fleet` that calls AWS itself; else a deployment. */
  readonly isVerb: boolean;
  /** Without a fault. */
  prepare(device: ProvedDevice): Promise<void>;
  /** What the operator writes into the fleet file; the verbs do so themselves. */
  edit(device: ProvedDevice): void;
  /** May be repeated. */
  carryOut(device: ProvedDevice): Promise<Attempt>;
  readonly inspect: (device: ProvedDevice) => Promise<Inspection>;
}

type Entry = Parameters<ProvedDevice['write']>[0];

const must = async (attempt: Promise<Attempt>): Promise<void> => {
  const { isDone, words } = await attempt;
  if (!isDone) throw new Error(`without a fault: ${words}`);
};

/** Brings a device to these entries of the fleet file, one after the other. */
const deployed =
  (...entries: readonly Entry[]): Operation['prepare'] =>
  async (device) => {
    for (const entry of entries) {
      device.write(entry);
      await must(device.deploy());
    }
  };

/** A deployment that brings a device from one entry of the fleet file to another. */
const change = (name: string, from: readonly Entry[], to: Entry, inspect: Operation['inspect']): Operation => ({
  name,
  isVerb: false,
  prepare: deployed(...from),
  edit: (device) => device.write(to),
  carryOut: (device) => device.deploy(),
  inspect,
});

/** A verb of `fleet` on a device that was brought to these entries. */
const verb = (
  name: string,
  from: readonly Entry[],
  argv: readonly [string, ...string[]],
  inspect: Operation['inspect'],
): Operation => ({
  name,
  isVerb: true,
  prepare: deployed(...from),
  edit: () => undefined,
  carryOut: (device) => device.run(...argv),
  inspect,
});

/** The entry of a device during a rotation. */
const ROTATING = { generations: [1, 2] };

export const OPERATIONS: readonly Operation[] = [
  change('create', [], {}, (device) => inspectLive(device, [{ number: 1 }])),
  change('add', [undefined], {}, (device) => inspectLive(device, [{ number: 1 }])),
  {
    ...change('change the policy', [{}], {}, inspectPolicy),
    edit: (device) => {
      device.ingest = 'basic';
    },
  },
  change('rotate', [{}], ROTATING, (device) => inspectLive(device, [{ number: 1 }, { number: 2 }])),
  change('rotate to another kind of key', [{}], { ...ROTATING, keyType: { 1: 'ec', 2: 'rsa' } }, (device) =>
    inspectLive(device, [{ number: 1 }, { number: 2, keyType: 'rsa' }]),
  ),
  change('finish', [{}, ROTATING], { generations: [2] }, (device) => inspectLive(device, [{ number: 2 }])),
  change('replace', [{}], { generations: [2] }, (device) => inspectLive(device, [{ number: 2 }])),
  change('revoke', [{}], { revoked: true }, inspectRevoked),
  verb('fleet revoke', [{}], ['revoke', '--yes'], inspectRevoked),
  change('remove', [{}], undefined, inspectGone),
  {
    name: 'delete',
    isVerb: false,
    prepare: deployed({}),
    edit: (device) => device.write(undefined),
    carryOut: (device) => device.destroy(),
    inspect: inspectGone,
  },
];

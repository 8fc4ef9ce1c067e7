import type { Attempt, HowProved, ProvedDevice } from './device.ts';
import {
  type Inspection,
  inspectEnrolled,
  inspectGone,
  inspectLive,
  inspectPolicy,
  inspectRevoked,
} from './inspections.ts';

type Entry = Parameters<ProvedDevice['write']>[0];

/** What an operator does to a device, and how everything has to be afterwards. */
export interface Operation extends HowProved {
  /** What is done. */
  readonly name: string;
  /** What it is done to, where that is not a device whose keys the deployment makes. */
  readonly of?: string;
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

function takeBasicIngest(device: ProvedDevice): void {
  device.ingest = 'basic';
}

const DELETE: Operation = {
  name: 'delete',
  isVerb: false,
  prepare: deployed({}),
  edit: (device) => device.write(undefined),
  carryOut: (device) => device.destroy(),
  inspect: inspectGone,
};

const WITH_KEYS_OF_THE_CLOUD: readonly Operation[] = [
  change('create', [], {}, (device) => inspectLive(device, [{ number: 1 }])),
  change('add', [undefined], {}, (device) => inspectLive(device, [{ number: 1 }])),
  {
    ...change('change the policy', [{}], {}, (device) =>
      inspectPolicy(device, (one) => inspectLive(one, [{ number: 1 }])),
    ),
    edit: takeBasicIngest,
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
  DELETE,
];

/** A board enrols once there is the device, and before anything is done to it. */
const enrolled = (operation: Operation): Operation => ({
  ...operation,
  prepare: async (device) => {
    await deployed({})(device);
    await device.enrol();
  },
});

/** A board can enrol, and then has the only certificate. */
const inspectEnrolling: Operation['inspect'] = async (device) => {
  await device.enrol();
  return inspectEnrolled(device, 'ACTIVE');
};

const isLive: Operation['inspect'] = (device) => inspectEnrolled(device, 'ACTIVE');
const isLiveByPolicy: Operation['inspect'] = (device) => inspectPolicy(device, isLive);
const isRevoked: Operation['inspect'] = (device) => inspectEnrolled(device, 'REVOKED');

const BY_THE_CLOUD = { key: undefined };

const WITH_KEYS_OF_THE_BOARD: readonly Operation[] = [
  change('create', [], {}, inspectEnrolling),
  change('add', [undefined], {}, inspectEnrolling),
  enrolled({ ...change('change the policy', [], {}, isLiveByPolicy), edit: takeBasicIngest }),
  enrolled(change('ask for another key', [], { generations: [2] }, isLive)),
  enrolled(change('revoke', [], { revoked: true }, isRevoked)),
  enrolled(verb('fleet revoke', [], ['revoke', '--yes'], isRevoked)),
  enrolled(change('remove', [], undefined, inspectGone)),
  enrolled(DELETE),
];

const OTHER_MAKER_OF_THE_KEY: readonly Operation[] = [
  change('have the board make the key', [BY_THE_CLOUD], {}, inspectEnrolling),
  enrolled(change('make the key', [], BY_THE_CLOUD, (device) => inspectLive(device, [{ number: 1 }]))),
];

export const OPERATIONS: readonly Operation[] = [
  ...WITH_KEYS_OF_THE_CLOUD,
  ...[...WITH_KEYS_OF_THE_BOARD, ...OTHER_MAKER_OF_THE_KEY].map((operation) => {
    return { ...operation, of: 'key: board', entry: { key: 'board' } };
  }),
  ...WITH_KEYS_OF_THE_BOARD.map((operation) => ({ ...operation, of: 'a line of a list', isListed: true })),
];

/** By which an operation is known. */
export const titleOf = ({ name, of }: Operation): string => (of === undefined ? name : `${name} (${of})`);

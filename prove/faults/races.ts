import { finalFailure } from '@esp-fleet/local-cloud';
import type { Call, Trouble } from './trouble.ts';
import type { Attempt, ProvedDevice } from './device.ts';
import type { Operation } from './operations.ts';

/** Operations of which a deletion is the first thing that the function does: what is over cannot be cancelled. */
const ENDS: readonly string[] = ['finish', 'remove', 'delete'];

const CREATES: readonly string[] = [
  'create',
  'add',
  'rotate',
  'rotate to another kind of key',
  'replace',
  'finish',
  'make the key',
];

/** What makes that no board can enrol. */
const CLOSES: readonly string[] = ['make the key', 'revoke', 'fleet revoke', 'remove', 'delete'];

/** What else can be under way while an operation makes a call, or come after it. */
export function racesOf(operation: Operation, call: Call, calls: readonly Call[]): Trouble[] {
  const { name, isVerb } = operation;
  const cloudFormation = calls.find(({ service }) => service === 'lambda')?.caller;
  // The second run of a deployment cleans up after it: what is over cannot be cancelled.
  const runs = calls.slice(0, calls.indexOf(call)).filter(({ service }) => service === 'lambda').length;
  return [
    ...(call.service === 'lambda' ? lateDeliveries(name) : []),
    ...(call.maker === 'function' && cloudFormation !== undefined && runs === 1 && !ENDS.includes(name)
      ? [cancellation('beside', cloudFormation), cancellation('after', cloudFormation)]
      : []),
    ...(call.maker !== 'CloudFormation' && CREATES.includes(name) ? [meanwhileRevoked] : []),
    ...(isVerb ? [meanwhileDeployed] : []),
    ...(call.maker !== 'CloudFormation' && operation.of !== undefined && CLOSES.includes(name)
      ? [meanwhileEnrolled]
      : []),
  ];
}

/** `fleet revoke` does not wait for deployments. */
const meanwhileRevoked: Trouble = {
  words: 'fleet revoke meanwhile',
  kind: 'race',
  arrange: (device, target) => ({
    faults: [{ ...target, kind: 'meanwhile', act: async () => void (await device.run('revoke', '--yes')) }],
    afterwards: () => device.deploy(),
  }),
};

/** Somebody has a line that was printed before, or takes one now. */
const meanwhileEnrolled: Trouble = {
  words: 'a board enrols meanwhile',
  kind: 'race',
  // It may be refused.
  arrange: (device, target) => ({
    faults: [{ ...target, kind: 'meanwhile', act: () => device.enrol().catch(() => undefined) }],
  }),
};

/** A verb that looks whether something is being deployed has looked before. */
const meanwhileDeployed: Trouble = {
  words: 'a deployment of another generation meanwhile',
  kind: 'race',
  arrange: (device, target) => {
    const act = async () => {
      device.write({ generations: device.wanted?.enrols ? [3] : [1, 3] });
      await device.deploy();
    };
    return { faults: [{ ...target, kind: 'meanwhile', act }], afterwards: () => device.deploy() };
  },
};

/**
 * Another resource of the stack fails while the Lambda function runs: CloudFormation waits for it no longer and rolls back,
 * with a run of its own, while the first one goes on, beside the rollback or held up until that is over.
 */
const cancellation = (when: 'beside' | 'after', cloudFormation: string): Trouble => ({
  words: `the deployment is cancelled, and the run goes on ${when} the rollback`,
  kind: 'race',
  arrange: (device, target) => {
    let cancel: () => void = () => undefined;
    const cancelled = new Promise<void>((resolve) => (cancel = resolve));
    device.beside = 'something else in the stack';
    const other = { service: 'ssm', operation: 'PutParameter', caller: cloudFormation };
    const fail = async () => {
      await cancelled;
      throw finalFailure();
    };
    const goOn = async () => {
      cancel();
      if (when === 'after') await device.settled();
    };
    return {
      faults: [
        { ...other, kind: 'meanwhile', act: fail },
        { ...target, kind: 'meanwhile', act: goOn },
      ],
      afterwards: async () => {
        device.beside = undefined;
        const attempt = await device.deploy();
        await device.untilRunsHaveEnded();
        return attempt;
      },
    };
  },
});

/** What an operator may have done by the time that an event comes again. */
const LATER: Readonly<Record<string, (device: ProvedDevice) => Promise<Attempt | undefined>>> = {
  'right after': () => Promise.resolve(undefined),
  'after another rotation': async (device) => {
    await device.run('rotate');
    const attempt = await device.deploy();
    if (device.wanted?.enrols) return attempt; // which its board finishes
    await device.run('rotate', '--finish', '--yes');
    return device.deploy();
  },
  'after its revocation': async (device) => {
    await device.run('revoke', '--yes');
    return device.deploy();
  },
  'after its removal': (device) => {
    device.write(undefined);
    return device.deploy();
  },
  'after it was added again': (device) => {
    device.write({});
    return device.deploy();
  },
  'after its rotation was begun again': (device) => {
    device.write({ generations: [1, 2] });
    return device.deploy();
  },
};

const GOES_ON: readonly string[] = [
  'right after',
  'after another rotation',
  'after its revocation',
  'after its removal',
];

/** Of those that end with something gone, or that nothing can follow. */
const AGAIN: Readonly<Record<string, readonly string[]>> = {
  remove: ['right after', 'after it was added again'],
  delete: ['right after', 'after it was added again'],
  finish: ['right after', 'after its rotation was begun again', 'after its removal'],
  revoke: ['right after'],
};

/** Lambda may deliver an event again; how late is not documented. */
function lateDeliveries(operation: string): Trouble[] {
  const later = AGAIN[operation] ?? GOES_ON;
  return later.map((when) => ({
    words: `the event comes again ${when}`,
    kind: 'race',
    arrange: (device, target) => {
      let deliver: () => void = () => undefined;
      const again = new Promise<void>((resolve) => (deliver = resolve));
      return {
        faults: [{ ...target, kind: 'answer twice', again }],
        afterwards: async () => {
          const attempt = await LATER[when]?.(device);
          deliver();
          await device.untilRunsHaveEnded(1);
          return attempt;
        },
      };
    },
  }));
}

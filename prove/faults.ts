import type { SeenCall } from '@esp-fleet/local-cloud';
import { casesOf, type Case } from './faults/cases.ts';
import { runCase } from './faults/run-case.ts';
import { type Lane, openLanes } from './faults/lane.ts';
import { OPERATIONS, type Operation } from './faults/operations.ts';
import type { Outcome } from './outcome.ts';
import type { Progress } from './progress.ts';

/** Clouds beside each other: most of the time goes in waiting for what times out. */
const LANES = 6;

/**
 * Every AWS call that the Lambda makes in every operation on a device, failed in every way once: CloudFormation does what
 * it does, the deployment is tried again, and then everything is as it has to be.
 */
export async function prove(progress: Progress): Promise<Outcome> {
  const lanes = await openLanes(LANES);
  try {
    const cases: Case[] = [];
    for (const operation of OPERATIONS) {
      const calls = await dryRun(operation, lanes[0] as Lane);
      const ofOperation = casesOf(operation, calls);
      progress.say(`${operation.name}: ${calls.length} calls, ${ofOperation.length} cases`);
      cases.push(...ofOperation);
    }
    progress.expect(cases.length + lanes.length);

    let orphans = 0;
    const waiting = cases.values();
    await Promise.all(
      lanes.map(async (lane) => {
        for (const one of waiting) {
          const { problem, orphaned } = await runCase(one, lane);
          orphans += orphaned;
          progress.case(one.words, problem);
        }
        progress.case('no key and no answering URL in any log', await lane.leak());
      }),
    );
    progress.say(
      `${orphans} certificates left INACTIVE and attached to nothing: the answer to CreateCertificateFromCsr was lost`,
    );
    return progress.outcome;
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

/** Runs an operation without a fault. @returns the calls that the Lambda made */
async function dryRun(operation: Operation, lane: Lane): Promise<SeenCall[]> {
  const device = lane.newDevice();
  await operation.prepare(device);
  lane.faults.clear();
  await operation.perform(device);
  const calls = lane.faults.calls.filter(
    (call) => lane.isOfFunction(call) || (call.service === 'lambda' && call.operation === 'Invoke'),
  );
  const { problems } = await operation.inspect(device);
  await device.remove();
  if (problems.length > 0) throw new Error(`${operation.name} fails without a fault: ${problems.join('; ')}`);
  return calls;
}

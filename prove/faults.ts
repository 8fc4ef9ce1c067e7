import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { proveAdoption } from './faults/adoption.ts';
import { casesOf } from './faults/cases.ts';
import type { Call, Case } from './faults/trouble.ts';
import { deploySites } from './faults/deploy-site.ts';
import { LaneClient } from './faults/lane-client.ts';
import { OPERATIONS, type Operation, titleOf } from './faults/operations.ts';
import type { Outcome } from './outcome.ts';
import type { Progress } from './progress.ts';

/** Clouds beside each other: most of the time goes in waiting for what times out. */
const LANES = 12;

interface Numbered {
  readonly one: Case;
  readonly index: number;
  readonly calls: readonly Call[];
}

/**
 * Every AWS call of every operation on a device, whether the Lambda function makes it, CloudFormation or a verb of `fleet`,
 * failed in every way once; somebody's hand in each certificate before each call; and whatever can be under way at the same
 * time. CloudFormation does what it does, the operation is tried again, and then everything is as it has to be. The same for
 * the calls by which a thing that was made by hand comes to the fleet and leaves it.
 */
export async function prove(progress: Progress): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'esp-fleet-prove-'));
  const lanes: LaneClient[] = [];
  try {
    const deployed = join(folder, 'deployed');
    await deploySites(deployed);
    for (let lane = 0; lane < LANES; lane++) lanes.push(new LaneClient(deployed, join(folder, String(lane))));
    const cases = await allCases(lanes);
    progress.expect(cases.length + lanes.length);

    const done = new Map<string, number>();
    let left = 0;
    let neededDoctor = 0;
    const waiting = cases.values();
    await Promise.all([
      proveAdoption(progress),
      ...lanes.map(async (lane) => {
        for (const { one, index, calls } of waiting) {
          const name = titleOf(one.operation);
          const { outcome } = await lane.ask<'case'>({ kind: 'case', operation: name, calls, index });
          if (outcome.isNothing && outcome.problem === undefined) {
            progress.expect(-1);
            continue;
          }
          progress.case(one.words, outcome.problem);
          done.set(name, (done.get(name) ?? 0) + 1);
          left += outcome.left;
          neededDoctor += outcome.neededDoctor ? 1 : 0;
        }
        const { leak } = await lane.ask<'end'>({ kind: 'end' });
        progress.case('no key and no answering URL in any log', leak);
      }),
    ]);
    for (const operation of OPERATIONS) {
      const name = titleOf(operation);
      const calls = cases.find(({ one }) => one.operation === operation)?.calls ?? [];
      progress.say(`${name}: ${calls.length} calls, ${done.get(name)} cases`);
    }
    progress.say(`left, without harm, and named by fleet doctor: ${left}; ${neededDoctor} took fleet doctor --fix`);
    return progress.outcome;
  } finally {
    for (const lane of lanes) lane.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Finds out which calls the operations make, and numbers what can go wrong in each. */
async function allCases(lanes: readonly LaneClient[]): Promise<Numbered[]> {
  const found = new Map<Operation, Numbered[]>();
  const waiting = OPERATIONS.values();
  await Promise.all(
    lanes.map(async (lane) => {
      for (const operation of waiting) {
        const { calls } = await lane.ask<'calls'>({ kind: 'calls', operation: titleOf(operation) });
        found.set(
          operation,
          casesOf(operation, calls).map((one, index) => ({ one, index, calls })),
        );
      }
    }),
  );
  return OPERATIONS.flatMap((operation) => found.get(operation) ?? []);
}

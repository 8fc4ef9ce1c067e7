import type { Case } from './cases.ts';
import type { Lane } from './lane.ts';

/** What became of a case. */
export interface CaseOutcome {
  /** Undefined when everything is as it has to be. */
  readonly problem: string | undefined;
  /** Certificates left INACTIVE and attached to nothing. */
  readonly orphaned: number;
}

const DONE = /^(CREATE|UPDATE|DELETE)_COMPLETE$/;

/** The operation with its fault, again when that made it fail, and a look at what is there. */
export async function runCase({ operation, fault }: Case, lane: Lane): Promise<CaseOutcome> {
  const device = lane.newDevice();
  const problems: string[] = [];
  let orphaned = 0;
  try {
    await operation.prepare(device);
    lane.faults.clear();
    lane.faults.add(fault);
    let status = await operation.perform(device);
    if (lane.faults.injected.length === 0) problems.push('the fault was not injected');
    lane.faults.clear();
    await lane.faults.settle();
    const story = [status];
    if (!DONE.test(status ?? '')) story.push((status = await operation.perform(device)));
    if (!DONE.test(status ?? '')) problems.push(`the stack went ${story.join(', then ')}`);

    const inspection = await operation.inspect(device);
    orphaned = inspection.orphaned;
    problems.push(...inspection.problems);
    const leak = await device.leak();
    if (leak !== undefined) problems.push(`${leak} stands in an event`);
  } catch (error) {
    problems.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
  lane.faults.clear();
  await device.remove();
  return { problem: problems.length > 0 ? problems.join('; ') : undefined, orphaned };
}

import type { Case } from './trouble.ts';
import { type Attempt, ProvedDevice } from './device.ts';
import { type Inspection, inspectAsWanted } from './inspections.ts';
import type { Lane } from './lane.ts';
import { askDoctor } from './verbs.ts';

/** What became of a case. */
export interface CaseOutcome {
  /** There was nothing that could go wrong. */
  readonly isNothing: boolean;
  /** Undefined when everything is as it has to be. */
  readonly problem: string | undefined;
  /** How many things are left that `fleet doctor` names. */
  readonly left: number;
  /** No deployment came through before `fleet doctor --fix`. */
  readonly neededDoctor: boolean;
}

/** What tells an operator how to go on. */
const SAYS_WHAT_TO_DO = /npx cdk |bin\/fleet |aws |deploy again|the next one makes a new certificate/;

/** The operation with its trouble, again when that made it fail, and a look at what is there. */
export async function runCase(one: Case, lane: Lane): Promise<CaseOutcome> {
  const device = new ProvedDevice(lane, one.operation);
  let outcome: CaseOutcome = { isNothing: false, problem: undefined, left: 0, neededDoctor: false };
  try {
    outcome = await outcomeOf(one, device);
  } catch (error) {
    outcome = { ...outcome, problem: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
  lane.faults.clear();
  await device.remove();
  return outcome;
}

async function outcomeOf(one: Case, device: ProvedDevice): Promise<CaseOutcome> {
  const { kind } = one.trouble;
  const { isNothing, attempts } = await carryOut(one, device);
  let neededDoctor = attempts.length > 2;
  const last = attempts.at(-1);
  const isRefused = last?.isDone === false && kind !== 'failure' && SAYS_WHAT_TO_DO.test(last.words);
  const story = attempts.map(({ words }) => words).join(', then ');
  const problems = last?.isDone === false && !isRefused ? [`went ${story}`] : [];

  const look = kind === 'race' || kind === 'by hand' ? inspectAsWanted : one.operation.inspect;
  let inspection = await look(device);
  if (kind === 'abandoned' && inspection.problems.length > 0) {
    await askDoctor(device.lane.fleetDir, true);
    neededDoctor = true;
    inspection = await look(device);
  }
  const isNamed = kind === 'by hand' && inspection.problems.length > 0 && (await complaintsAbout(device)).length > 0;
  if (!isRefused && !isNamed) problems.push(...inspection.problems);
  problems.push(...(await unnamed(inspection, device)));
  if (problems.length + inspection.left.length === 0 && kind === 'failure')
    problems.push(...(await complaintsAbout(device)));
  const leak = await device.leak();
  if (leak !== undefined) problems.push(`${leak} stands in an event`);
  const problem = problems.length > 0 ? `${problems.join('; ')} [${story}]` : undefined;
  return { isNothing, problem, left: inspection.left.length, neededDoctor };
}

/** How the attempts ended, the last one as late as anything happened. */
async function carryOut({ operation, target, trouble }: Case, device: ProvedDevice) {
  const { faults: cloud } = device.lane;
  await operation.prepare(device);
  cloud.clear();
  const { faults, isNothing = () => false, afterwards } = trouble.arrange(device, target);
  cloud.add(...faults);
  operation.edit(device);
  const attempts = [await operation.carryOut(device)];
  if (cloud.injected.length < faults.length) throw new Error('the fault was not injected');
  await cloud.settle();
  const later = await afterwards?.();
  if (later !== undefined) attempts.push(later);
  const isDone = () => attempts.at(-1)?.isDone;
  const again = (): Promise<Attempt> => (later === undefined ? operation.carryOut(device) : device.deploy());
  if (!isDone()) attempts.push(await again());
  if (!isDone()) {
    await device.followDoctor();
    attempts.push(await again());
  }
  return { isNothing: isNothing(), attempts };
}

/** What is left, and `fleet doctor` does not name. */
async function unnamed({ left }: Inspection, { lane }: ProvedDevice): Promise<string[]> {
  if (left.length === 0) return [];
  const findings = await askDoctor(lane.fleetDir);
  return left
    .filter((words) => !findings.some(({ text }) => words.every((word) => text.includes(word))))
    .map((words) => `fleet doctor does not name what is left: ${words.join(' ')}`);
}

async function complaintsAbout({ lane }: ProvedDevice): Promise<string[]> {
  const findings = await askDoctor(lane.fleetDir);
  return findings.filter(({ kind }) => kind === 'problem').map(({ text }) => `fleet doctor: ${text}`);
}

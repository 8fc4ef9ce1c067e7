import type { Fault } from '@esp-fleet/local-cloud';
import { isDeepStrictEqual } from 'node:util';
import type { Progress } from '../progress.ts';
import { AdoptedThing, ALWAYS, expectedIn, type State } from './adopted-thing.ts';

/*
 * A thing that was made by hand comes to the fleet and leaves it, with every call that this takes failed once, before it has
 * its effect and after it, while its board publishes all the time. test/lambda/device-certificate/adoption.test.ts does the
 * same with the function alone, whose runs are killed besides.
 */

export type Change = readonly [from: State, to: State];

export const CHANGES: readonly Change[] = [
  ['without', 'adopted'],
  ['keeping', 'adopted'],
  ['adopted', 'without'],
];

/** One call fails while the thing is changed. */
export interface AdoptionCase {
  readonly change: Change;
  readonly fault: Fault & { readonly service: string; readonly operation: string };
  readonly words: string;
}

/** Those of the proof itself are about stacks; Lambda writes the function's log. */
const BESIDE = ['cloudformation', 'logs', 's3', 'dynamodb'];

/** Changes it without a fault. @returns a case for each call and each way to fail */
export async function adoptionCases(change: Change, thing: AdoptedThing): Promise<AdoptionCase[]> {
  const [from, to] = change;
  await thing.untilDeployed(from);
  thing.faults.clear();
  const isDone = await thing.deploy(to);
  const calls = thing.faults.calls.filter(({ service }) => !BESIDE.includes(service));
  const problem = isDone ? await whatDiffers(to, thing) : 'the deployment fails';
  if (calls.length <= 5) throw new Error(`from ${from} to ${to} takes ${calls.length} calls: not all of them are seen`);
  if (problem !== undefined) throw new Error(`from ${from} to ${to} without a fault: ${problem}`);
  const seen = new Map<string, number>();
  return calls.flatMap(({ service, operation, caller }) => {
    const key = `${service}:${operation} ${caller}`;
    const occurrence = (seen.get(key) ?? 0) + 1;
    seen.set(key, occurrence);
    // Lambda does not refuse what it has queued.
    const kinds = operation === 'Invoke' ? (['fail before'] as const) : (['fail before', 'fail after'] as const);
    return kinds.map((kind) => ({
      change,
      fault: { service, operation, occurrence, caller, kind },
      words: `adoption from ${from} to ${to}, ${service}:${operation} #${occurrence}: ${kind}`,
    }));
  });
}

/** @returns what is wrong in the end; undefined when nothing is */
export async function runAdoption({ change, fault }: AdoptionCase, thing: AdoptedThing): Promise<string | undefined> {
  const [from, to] = change;
  await thing.untilDeployed(from);
  thing.faults.clear();
  thing.faults.add(fault);
  const isDone = await thing.deploy(to);
  const isInjected = thing.faults.injected.length === 1;
  thing.faults.clear();
  if (!isInjected) return 'the fault was not injected';
  const { status, things, shelf } = await thing.found();
  if (!isDone && !isDeepStrictEqual({ status, things, shelf }, ALWAYS))
    return `after the failure it has ${JSON.stringify({ status, things, shelf })}`;
  await thing.untilDeployed(to);
  await thing.followDoctor();
  return (
    (await whatDiffers(to, thing)) ?? (thing.publisher.cutOffAt === undefined ? undefined : 'its board was cut off')
  );
}

/** All cases, in a cloud of their own. */
export async function proveAdoption(progress: Progress): Promise<void> {
  const thing = await AdoptedThing.make();
  try {
    for (const change of CHANGES) {
      const cases = await adoptionCases(change, thing);
      progress.expect(cases.length);
      for (const one of cases) {
        const problem = await runAdoption(one, thing).catch((error: unknown) => String(error));
        progress.case(one.words, problem);
      }
      progress.say(`adoption from ${change[0]} to ${change[1]}: ${cases.length} cases`);
    }
  } finally {
    await thing.close();
  }
}

async function whatDiffers(state: State, thing: AdoptedThing): Promise<string | undefined> {
  const [found, expected] = [await thing.found(), expectedIn(state)];
  return isDeepStrictEqual(found, expected)
    ? undefined
    : `it has ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`;
}

import { afterAll, beforeAll, expect, it } from 'vitest';
import { AdoptedThing } from '../../prove/faults/adopted-thing.ts';
import { type AdoptionCase, adoptionCases, CHANGES, runAdoption } from '../../prove/faults/adoption.ts';

/*
 * Of `npm run prove -- faults`, which fails every call in either way: the call by which the function takes a policy off, and the
 * one that makes a policy, whose lost answer leaves it in the way.
 */
const isTried = ({ fault: { operation, kind } }: AdoptionCase): boolean =>
  operation === 'DetachPolicy' || (operation === 'CreatePolicy' && kind === 'fail after');

let thing: AdoptedThing;

beforeAll(async () => (thing = await AdoptedThing.make()), 120_000);
afterAll(() => thing.close());

it.each(CHANGES)('from %s to %s: a call fails', { timeout: 120_000 }, async (...change) => {
  const cases = await adoptionCases(change, thing);
  const tried = cases.filter(isTried);
  expect(tried.length).toBeGreaterThan(1);
  for (const one of tried) expect(await runAdoption(one, thing), one.words).toBeUndefined();
});

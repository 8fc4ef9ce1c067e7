import { expect, test } from 'vitest';
import { callsOf } from '../denied.ts';
import {
  changes,
  cloudFormation,
  doctor,
  doctorAsks,
  dynamoDB,
  findingsIn,
  healthyFleet,
  iot,
  iotData,
  ssm,
} from './fleet.ts';

const SERVICES = [
  ['iot', iot],
  ['iot', iotData],
  ['cloudformation', cloudFormation],
  ['ssm', ssm],
  ['dynamodb', dynamoDB],
] as const;

/** Does something for each call that a healthy fleet makes doctor make, with that call denied. */
async function withEachDenied(work: (action: string) => Promise<void>): Promise<void> {
  healthyFleet();
  await doctor();
  const calls = callsOf(SERVICES);
  expect(calls.length).toBeGreaterThan(12);
  for (const { action, deny } of calls) {
    healthyFleet();
    deny();
    await work(action);
  }
}

test('who may not read something gets to know all else, and no problem that is none', async () => {
  await withEachDenied(async (action) => {
    const found = await doctor();
    expect(found.stderr, action).toBe('');
    const [line, ...others] = findingsIn(found);
    expect(line).toMatch(new RegExp(`^- not known: .*; AWS does not allow this user ${action}$`));
    expect(others, action).toEqual([]);
    expect(found.stdout, action).toContain('2 devices, nothing wrong in what is known');
    expect(found.code, action).toBe(0);
  });
});

test('--fix does nothing by what is not known', async () => {
  await withEachDenied(async (action) => {
    for (const client of [iot, iotData, ssm, cloudFormation]) client.resetHistory();
    await doctorAsks('yes\n');
    expect(changes(), action).toEqual([]);
  });
});

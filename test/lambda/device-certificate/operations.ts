import { newRequest } from '../../lib/fleet/certificate-requests.ts';
import { expect } from 'vitest';
import type { Properties } from './cloudformation.ts';
import { expectLive, expectUnusable, finishRotation, orphans, works } from './device-state.ts';
import type { FakeAws } from './fake-aws.ts';
import type { FakeStack } from './stack.ts';

export type State = 'live' | 'revoked' | 'absent';

/** What a deployment wants, and whether the rest of its stack succeeds; or another way to change a device. */
export type Deployment = readonly [properties: Properties | 'destroy' | 'finish', somethingElse?: 'fails'];

/** One of everything that can become of a device. */
export interface Operation {
  readonly name: string;
  /** What has happened before. */
  readonly past: readonly Deployment[];
  readonly from: State;
  readonly deployment: Deployment;
  readonly to: State;
}

export const REQUEST = await newRequest();

export const FIRST: Deployment = [{}];
export const SECOND: Deployment = [{ generation: 2 }];
export const REVOKED: Deployment = [{ revoked: true }];
const CSR: Deployment = [{ csr: REQUEST }];

export const OPERATIONS: readonly Operation[] = [
  operation('create', [], 'absent', FIRST, 'live'),
  operation('create while something else fails', [], 'absent', [{}, 'fails'], 'absent'),
  operation('create with a request', [], 'absent', CSR, 'live'),
  operation('create revoked', [], 'absent', REVOKED, 'revoked'),
  operation('change nothing', [FIRST], 'live', FIRST, 'live'),
  operation('rotate', [FIRST], 'live', SECOND, 'live'),
  operation('rotate while something else fails', [FIRST], 'live', [{ generation: 2 }, 'fails'], 'live'),
  operation('rotate again', [FIRST, SECOND, ['finish']], 'live', [{ generation: 3 }], 'live'),
  operation('turn back', [FIRST, SECOND], 'live', FIRST, 'live'),
  operation('turn back while something else fails', [FIRST, SECOND], 'live', [{}, 'fails'], 'live'),
  operation('turn back and forth', [FIRST, SECOND, FIRST], 'live', SECOND, 'live'),
  operation('give a request', [FIRST], 'live', CSR, 'live'),
  operation('take the request away', [CSR], 'live', FIRST, 'live'),
  operation('revoke', [FIRST], 'live', REVOKED, 'revoked'),
  operation('revoke after a rotation', [FIRST, SECOND], 'live', [{ generation: 2, revoked: true }], 'revoked'),
  operation('revoke while something else fails', [FIRST], 'live', [{ revoked: true }, 'fails'], 'revoked'),
  operation('take revoked away', [FIRST, REVOKED], 'revoked', FIRST, 'revoked'),
  operation('begin anew', [FIRST, REVOKED], 'revoked', SECOND, 'live'),
  operation(
    'begin anew while something else fails',
    [FIRST, REVOKED],
    'revoked',
    [{ generation: 2 }, 'fails'],
    'revoked',
  ),
  operation('destroy', [FIRST], 'live', ['destroy'], 'absent'),
  operation('destroy after a rotation', [FIRST, SECOND], 'live', ['destroy'], 'absent'),
  operation('destroy what is revoked', [FIRST, REVOKED], 'revoked', ['destroy'], 'absent'),
];

function operation(
  name: string,
  past: readonly Deployment[],
  from: State,
  deployment: Deployment,
  to: State,
): Operation {
  return { name, past, from, deployment, to };
}

/** @returns whether it succeeded */
export async function carryOut([what, somethingElse]: Deployment, stack: FakeStack, aws: FakeAws): Promise<boolean> {
  if (what === 'destroy') return stack.destroy();
  if (what !== 'finish') return stack.deploy(what, somethingElse);
  finishRotation(aws);
  return true;
}

/** Asserts all that holds for a device between two deployments. */
export function expectState(state: State, stack: FakeStack, aws: FakeAws): void {
  const { physicalId = '', properties } = stack.resource ?? {};
  if (state === 'live') {
    expectLive(aws, physicalId, properties?.csr);
  } else {
    expect(aws.certificates.filter(({ status }) => status === 'ACTIVE')).toEqual([]);
    expectUnusable(orphans(aws));
    if (state === 'absent') expect(aws.parameters.names).toEqual([]);
  }
}

/** The ids of the certificates with which a board can connect. */
export function working(aws: FakeAws): string[] {
  return aws.certificates.filter(works).map(({ id }) => id);
}

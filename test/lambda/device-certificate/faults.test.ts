import { ServiceUnavailableException } from '@aws-sdk/client-iot';
import { beforeEach, expect, test, vi } from 'vitest';
import { PARAMETER, PREVIOUS } from './cloudformation.ts';
import { orphans, stored, works } from './device-state.ts';
import { FakeAws } from './fake-aws.ts';
import {
  carryOut,
  type Deployment,
  expectState,
  FIRST,
  type Operation,
  OPERATIONS,
  REVOKED,
  type State,
  working,
} from './operations.ts';
import { FakeStack } from './stack.ts';

// A removal is tried again after a pause, which is not what these tests are about.
vi.mock('../../../lambda/device-certificate/wait.ts', async (original) => ({
  ...(await original<object>()),
  pause: () => Promise.resolve(),
}));

/** What may become of a call, before it takes effect or after it. */
const FAULTS = [
  'fails', // the run goes on with the error
  'is the last of its run', // Lambda kills it, and runs the event again
  'is the last of all runs', // Lambda kills the others as well: nothing is ever answered
] as const;

interface Fault {
  readonly call: number;
  readonly when: 'before' | 'after';
  readonly kind: (typeof FAULTS)[number];
}

let aws: FakeAws;
let stack: FakeStack;
beforeEach(() => {
  aws = new FakeAws();
  stack = new FakeStack(aws);
  vi.spyOn(console, 'log').mockReturnValue();
});

test.each(OPERATIONS)('$name: whichever call fails', { timeout: 120_000 }, async (operation) => {
  for (const deployment of operation.past) expect(await carryOut(deployment, stack, aws)).toBe(true);
  expectState(operation.from, stack, aws);
  const [restore, resource] = [aws.snapshot(), stack.resource];

  restore();
  await carryOut(operation.deployment, stack, aws);
  expectState(operation.to, stack, aws);
  const calls = aws.calls.length;

  for (let call = 1; call <= calls; call++) {
    for (const when of ['before', 'after'] as const) {
      for (const kind of FAULTS) {
        restore();
        stack.resource = resource;
        try {
          await survives(operation, { call, when, kind });
        } catch (error) {
          throw new Error(`call ${call} of ${calls} ${kind}, ${when} it takes effect`, { cause: error });
        }
      }
    }
  }
});

async function survives({ from, deployment, to }: Operation, fault: Fault): Promise<void> {
  const inUse = from === 'live' && to === 'live' ? working(aws) : [];
  const hit = inject(fault);
  const isDone = await carryOut(deployment, stack, aws);
  aws.fault = () => undefined;

  // An answer of CreateCertificateFromCsr that nobody got is all that may leave an orphan.
  expect(orphans(aws)).toHaveLength(hit.losesCertificate ? 1 : 0);
  // What a rollback leaves works as well; a creation or deletion that never answers is not rolled back.
  if (!isDone && from === 'live' && to === 'live') expectState('live', stack, aws);

  if (!isDone) await carryOut(deployment, stack, aws);
  expectState(to, stack, aws);
  expect(inUse.filter((id) => !works(aws.certificate(id)))).toEqual([]);

  const next = NEXT[fault.call % NEXT.length] ?? FIRST;
  const expected = stateAfter(next);
  await carryOut(next, stack, aws);
  expectState(expected, stack, aws);
}

interface Hit {
  /** Whether a certificate was made of which nothing says whose it is. */
  readonly losesCertificate: boolean;
}

function inject({ call, when, kind }: Fault): Hit {
  let before = '';
  let calls = 0;
  let hit: Hit | undefined;
  aws.fault = (action, moment) => {
    if (moment === 'before') calls++;
    if (calls === call && moment === when && hit === undefined) {
      const isMade = 'CreateCertificateFromCsr';
      hit = { losesCertificate: when === 'after' ? action === isMade : before === isMade && kind !== 'fails' };
      aws.isDead = kind !== 'fails';
      aws.deadRuns = kind === 'is the last of all runs' ? 2 : 0;
      throw new ServiceUnavailableException({ $metadata: {}, message: `${action} fails` });
    }
    before = action;
  };
  return {
    get losesCertificate() {
      return hit?.losesCertificate ?? false;
    },
  };
}

/** What the operation may be followed by: a rotation, the way back, a revocation, the end. */
const NEXT: readonly Deployment[] = [[{ generation: 7 }], FIRST, REVOKED, ['destroy']];

function stateAfter(next: Deployment): State {
  if (next === REVOKED) return 'revoked';
  if (next[0] === 'destroy') return 'absent';
  // A generation that is REVOKED stays so, as long as it is known.
  const known = [PARAMETER, PREVIOUS].map((name) => stored(aws, name)).find((identity) => identity?.spec === '1 ec');
  const isRevoked = known !== undefined && aws.certificate(known.certificateId).status === 'REVOKED';
  return next === FIRST && isRevoked ? 'revoked' : 'live';
}

import './known-keys.ts';
import './quick-pauses.ts';
import { beforeEach, expect, test, vi } from 'vitest';
import { FakeAws } from './fake-aws.ts';
import { expectDevice, orphans } from './expect-device.ts';
import { sweep } from './inject.ts';
import { type Entry, FakeStack } from './stack.ts';

const NONE: Entry = { generations: [] };
const FIRST: Entry = { generations: [1] };
const BOTH: Entry = { generations: [1, 2] };
const SECOND: Entry = { generations: [2] };
const REVOKED: Entry = { generations: [1], revoked: true };

const OPERATIONS: [name: string, past: readonly Entry[], to: Entry, somethingElse?: 'fails'][] = [
  ['create', [NONE], FIRST],
  ['create while something else fails', [NONE], FIRST, 'fails'],
  ['rotate', [FIRST], BOTH],
  ['rotate while something else fails', [FIRST], BOTH, 'fails'],
  ['finish', [FIRST, BOTH], SECOND],
  ['turn back', [FIRST, BOTH], FIRST],
  ['replace', [FIRST], SECOND],
  ['revoke', [FIRST], REVOKED],
  ['revoke while something else fails', [FIRST], REVOKED, 'fails'],
  ['revoke during a rotation', [FIRST, BOTH], { ...BOTH, revoked: true }],
  ['begin anew', [FIRST, REVOKED], SECOND],
  ['remove', [FIRST, BOTH], NONE],
];

let aws: FakeAws;
let stack: FakeStack;
beforeEach(() => {
  aws = new FakeAws();
  stack = new FakeStack(aws);
  vi.spyOn(console, 'log').mockReturnValue();
});

test.each(OPERATIONS)('%s: whichever call fails', { timeout: 120_000 }, async (_, past, to, somethingElse) => {
  for (const entry of past) expect(await stack.deploy(entry)).toBe(true);
  const from = past.at(-1) ?? NONE;
  const whole = async () => {
    expect(await stack.deploy(to, somethingElse)).toBe(somethingElse === undefined);
    expectDevice(aws, somethingElse ? from : to, dead());
  };
  await sweep(aws, stack, whole, async (hit) => {
    const isDone = await stack.deploy(to, somethingElse);
    aws.fault = () => undefined;
    const isGone = to.generations.length < from.generations.length;

    // An answer of CreateCertificateFromCsr that nobody got is all that may leave an orphan.
    expect(orphans(aws)).toHaveLength(hit.losesCertificate ? 1 : 0);
    // What a rollback leaves is as it was before; an abandoned deletion is for `fleet doctor`.
    if (!hit.abandons && !(isDone && isGone)) expectDevice(aws, isDone ? to : from, dead());
    // What a clean-up that was given up has left is found by the next attempt, and gone before the one after that.
    const isThere = (await stack.deploy(to)) || (hit.abandons && (await stack.deploy(to)));
    expect(isThere).toBe(true);
    if (!hit.abandons && !isGone) expectDevice(aws, to, dead());
  });
});

/** What is REVOKED stays so. */
const dead = () => new Set(aws.certificates.filter(({ status }) => status === 'REVOKED').map(({ id }) => id));

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canBuildFirmware } from '../testing/firmware/requirements.ts';
import { boardsIn, casesOf, runCase, STORIES, wordsOf } from './enrolment/cases.ts';
import { searchKeys } from './enrolment/key-search.ts';
import { CHIPS, deployed, Lane, Secrets } from './enrolment/lane.ts';
import { proveOneBinary } from './enrolment/one-binary.ts';
import { runRace } from './enrolment/races.ts';
import { claimIn, proveRefusals } from './enrolment/refusals.ts';
import { CliError } from '../cli/terminal/cli-error.ts';
import { proveRotations } from './enrolment/rotations.ts';
import type { Outcome } from './outcome.ts';
import type { Progress } from './progress.ts';

const ROTATIONS = 1_000;

/** Clouds beside each other: much of the time goes in waiting for what times out. */
const LANES = 5;

export interface EnrolmentOptions {
  /** For a quick look: of the cases that are alike, one in so many. @default '1', all */
  readonly every?: string | undefined;
}

/**
 * Boards that make their keys, by the builds of both chips: the power is cut at every write and every packet, the link
 * breaks at every packet, and every AWS call fails, is doubled and comes late. Always an enrolled board has an identity that
 * works, never more than two work, and `fleet doctor` names whatever is left. Whoever should get none gets none.
 */
export async function prove(progress: Progress, { every: chosen = '1' }: EnrolmentOptions): Promise<Outcome> {
  const every = Number(chosen);
  if (!Number.isInteger(every) || every < 1) throw new CliError(`--every ${chosen}: allowed: 1, 2, 3, …`);
  if (!canBuildFirmware()) throw new Error('the firmware cannot be built here; see above');
  const rotations = Math.ceil(ROTATIONS / every);
  const folder = mkdtempSync(join(tmpdir(), 'esp-fleet-prove-'));
  const secrets = new Secrets();
  const lanes: Lane[] = [];
  try {
    const from = await deployed(folder, secrets);
    for (let number = 0; number < LANES; number++) lanes.push(await Lane.open(from, folder, number, secrets));
    const stories = CHIPS.flatMap((chip) => STORIES.map((story) => ({ chip, story })));
    const found = await Promise.all(
      stories.map(({ chip, story }, index) => casesOf(chip, story, lanes[index] as Lane)),
    );
    const some = <T>(all: readonly T[]): T[] => all.filter((_, index) => index % every === 0);
    const [cases, races] = [some(found.flatMap(({ cases }) => cases)), some(found.flatMap(({ races }) => races))];
    progress.expect(cases.length + races.length);

    const waiting = cases.values();
    let unmet = 0;
    const tell = (words: string, problems: readonly string[] | undefined): void => {
      if (problems === undefined) {
        unmet++;
        progress.expect(-1);
      } else progress.case(words, problems.join('; ') || undefined);
    };
    await Promise.all(
      lanes.map(async (lane, number) => {
        const boards = boardsIn(lane);
        if (lane.isOperated) {
          await proveOneBinary(lane, progress);
          const claim = claimIn(from.claim);
          await proveRefusals(lane, claim, progress);
          for (const race of races) tell(race.words, await runRace(race, boards[race.chip], claim));
        }
        if (number === LANES - 1) await proveRotations(lane, progress, rotations);
        for (const one of waiting) tell(wordsOf(one), await runCase(one, boards[one.chip]));
      }),
    );
    for (const { chip, story } of stories) {
      const its = cases.filter((one) => one.chip === chip && one.story === story);
      const count = (kind: string) => its.filter(({ trouble }) => trouble.kind === kind).length;
      progress.say(
        `${chip}, ${story}: ${count('write')} at writes, ${count('packet')} at packets, ${count('call')} at calls`,
      );
    }
    progress.say(`not met, since a run has not as many packets or calls as another: ${unmet}`);
    for (const lane of lanes) await lane.close();
    searchKeys(secrets, folder, rotations, progress);
    return progress.outcome;
  } finally {
    for (const lane of lanes) await lane.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

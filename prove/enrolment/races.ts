import { setTimeout } from 'node:timers/promises';
import { EnrollingBoard } from '../../testing/cloud/enrolling-board.ts';
import { NAMES } from '../proved-fleet.ts';
import { prepare, type Race, until } from './cases.ts';
import type { ProvedBoard } from './proved-board.ts';
import type { By } from './refusals.ts';

const LIMIT_MS = 20_000;
/** What was under way goes on for less than that. */
const AFTERWARDS_MS = 1_000;

/**
 * @returns what is wrong: a revoked device works, two boards are one device, or a board has nothing that works; undefined when the
 *   call was not made: those after a story are not always as many
 */
export async function runRace(
  { story, target, by }: Race,
  board: ProvedBoard,
  claim: By,
): Promise<string[] | undefined> {
  const { lane, device } = board;
  await prepare(board, story);
  const { mqttPort, rootCaPem } = lane.deployment.cloud;
  const other = await EnrollingBoard.start({ names: NAMES, mqttPort, rootCaPem });
  let isOver = false;
  let hasWon = false;
  const act = async (): Promise<void> => {
    if (by === 'fleet revoke') await lane.revoke(device);
    else if (by === 'its next rotation') await told.then(() => board.rotate());
    else hasWon = (await other.enrol(claim.clientId, claim.pems, { device, code: board.code })) === NAMES.thing(device);
    isOver = true;
  };
  let failed: unknown;
  const told = board[story]({}, () => {
    lane.faults.clear();
    lane.faults.add({ ...target, kind: 'meanwhile', act });
  }).catch((error: unknown) => (failed = error));
  try {
    await until(() => isOver || failed !== undefined, LIMIT_MS);
    if (!isOver && by === 'its next rotation' && failed === undefined) return undefined;
    if (!isOver) return [`nobody was faster: ${String(failed)}`];
    if (by === 'another board')
      await until(
        () => board.settled !== undefined || /refused: Access denied/.test(board.now?.serial ?? ''),
        LIMIT_MS,
      );
    await setTimeout(AFTERWARDS_MS);
    if (by === 'its next rotation') return await board.inspect();
    const working = (await lane.certificates(device)).filter(({ status }) => status === 'ACTIVE');
    if (by === 'fleet revoke') return working.map(({ id }) => `${id} is ACTIVE`);
    const winner = hasWon ? other.certificate?.certificateId : board.settled;
    return working.length === 1 && working[0]?.id === winner ? [] : [`${working.length} identities work`];
  } finally {
    await board.abandon(told);
    await other.end();
    lane.faults.clear();
  }
}

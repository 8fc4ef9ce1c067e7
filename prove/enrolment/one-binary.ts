import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Progress } from '../progress.ts';
import { CHIPS, type Lane, OTHER } from './lane.ts';
import { ProvedBoard } from './proved-board.ts';

/** Two boards of a chip are two devices by the same bytes of firmware. */
export async function proveOneBinary(lane: Lane, progress: Progress): Promise<void> {
  progress.expect(CHIPS.length);
  for (const chip of CHIPS) {
    const boards = [new ProvedBoard(lane, chip), new ProvedBoard(lane, chip, OTHER)];
    const sums = new Set<string>();
    const devices = new Set<string | undefined>();
    for (const board of boards) {
      await board.reset();
      await board.enrol();
      sums.add(
        createHash('sha256')
          .update(readFileSync(`/proc/${board.now?.pid}/exe`))
          .digest('hex'),
      );
      devices.add(board.identities[0]?.device);
      await board.stop();
    }
    const isSo = sums.size === 1 && devices.size === 2;
    progress.case(`two ${chip}, one binary`, isSo ? undefined : `${devices.size} devices by ${sums.size} binaries`);
    progress.say(`two ${chip}, ${[...devices].join(' and ')}, by one binary: SHA-256 ${[...sums].join()}`);
    for (const board of boards) await board.reset();
  }
}

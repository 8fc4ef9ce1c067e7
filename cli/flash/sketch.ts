import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Board, BOARDS, chipFamily } from '../../lib/fleet/schema.ts';
import { CliError } from '../terminal/cli-error.ts';

/** @throws {CliError} when there is no such folder, or its platformio.ini has environments for other boards alone */
export function refuseUnfit(sketch: string, board: Board): void {
  const such = `such as firmware/${chipFamily(board)}-telemetry`;
  if (!statSync(sketch, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CliError(`there is no folder ${sketch}; allowed for --sketch: the folder of a sketch, ${such}`);
  }
  const settings = join(sketch, 'platformio.ini');
  const text = existsSync(settings) ? readFileSync(settings, 'utf8') : '';
  const boards = BOARDS.filter((one) => text.includes(`[env:${one}]`));
  if (boards.length === 0 || boards.includes(board)) return;
  throw new CliError(
    `${sketch} is for ${boards.join(', ')}, and not for ${board}; choose another one with --sketch, ${such}`,
  );
}

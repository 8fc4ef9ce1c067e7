import type { Progress } from '../progress.ts';
import type { Lane } from './lane.ts';
import { prepare } from './cases.ts';
import { ProvedBoard } from './proved-board.ts';

/** Told, key, identity, done, the former one: firmware/libraries/FleetIdentity/README.md. */
const ERASURES = 5;

/** One board changes its key again and again in one life, each time when it is told, and each time has what works. */
export async function proveRotations(lane: Lane, progress: Progress, rotations: number): Promise<void> {
  const board = new ProvedBoard(lane, 'esp8266');
  await prepare(board, 'rotate');
  progress.expect(rotations + 1);
  const life = board.start({ backoff: 'none' });
  const [begun, at] = [Date.now(), life.erases];
  let done = 0;
  for (let rotation = 1; rotation <= rotations; rotation++) {
    const problems = await board.rotate().then(
      () => board.inspect(),
      (error: Error) => [error.message],
    );
    progress.case(`rotation ${rotation}`, problems.join('; ') || undefined);
    if (problems.length > 0) {
      progress.say(`it said: ${life.serial.slice(-2_000)}\nthe hook: ${(await lane.hookLog()).slice(-6).join('\n')}`);
      break;
    }
    done = rotation;
  }
  const erasures = life.erases - at;
  progress.case('no erasure more than a rotation takes', erasures > rotations * ERASURES ? `${erasures}` : undefined);
  await board.stop();
  const seconds = Math.round((Date.now() - begun) / 1_000);
  progress.say(`${done} rotations of one board in ${seconds} s: ${erasures} sectors erased`);
}

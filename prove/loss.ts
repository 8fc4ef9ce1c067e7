import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployFleet, keepWhole } from './loss/fleet.ts';
import type { Ground } from './loss/ground.ts';
import { proveKilledCloud } from './loss/killed-cloud.ts';
import { proveKilledRedrive, proveRedrive } from './loss/redriving.ts';
import { proveFailingSink } from './loss/failing-sink.ts';
import { proveSpoofing } from './loss/spoofing.ts';
import type { Outcome } from './outcome.ts';
import type { Progress } from './progress.ts';

const DEVICES = 50;

/**
 * No message that the broker has acknowledged is lost: while the table throttles and fails, when the redrive or the cloud
 * is killed, and whatever the payload says.
 */
export async function prove(progress: Progress): Promise<Outcome> {
  const scratch = mkdtempSync(join(tmpdir(), 'esp-fleet-loss-'));
  try {
    const deployed = join(scratch, 'deployed');
    const devices = await deployFleet(deployed, DEVICES);
    const folder = (name: string, from = deployed) => {
      cpSync(from, join(scratch, name), { recursive: true });
      return join(scratch, name);
    };
    const keptWhole = await keepWhole(folder('kept-whole'));
    const ground: Ground = { devices, keptWhole, folder, progress };
    await proveSpoofing(ground);
    const flooded = await proveFailingSink(ground);
    await proveRedrive(ground, flooded);
    await proveKilledRedrive(ground, flooded);
    await proveKilledCloud(ground);
    return progress.outcome;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

import { DEMO_FLEET_ID, type FleetNames } from '../../lib/fleet/names.ts';
import type { Site } from '../../lib/fleet/read.ts';
import { deployedFleetId } from '../aws/deployment.ts';
import { CliError } from '../terminal/cli-error.ts';
import { concurrently } from '../../aws/concurrently.ts';

/**
 * Refuses where the stacks are those of another fleet, whose devices these fleet files do not have: they would all look as
 * if they were left behind.
 *
 * @param id by which the stacks of this fleet are known; undefined where it has none yet
 * @throws {CliError}
 */
export async function refuseForeignFleet(
  names: FleetNames,
  sites: readonly Site[],
  id: string | undefined,
): Promise<void> {
  const stacks = [names.telemetryStack, ...sites.map(({ name }) => names.siteStack(name))];
  const ids = await concurrently(stacks, deployedFleetId);
  const foreign = stacks.find((_, index) => ![undefined, DEMO_FLEET_ID, id].includes(ids[index]));
  if (foreign === undefined) return;
  throw new CliError(
    `${foreign} is the stack of another fleet; run this where that one has its fleet files, with the file "id" beside them, ` +
      'or name this fleet ("name" in cdk.json)',
  );
}

import { certificatesOf } from '../../aws/certificates.ts';
import { writeGenerations } from '../../lib/fleet/edit.ts';
import { writeIntoList } from '../../lib/fleet/edit-list.ts';
import { wantedOf } from '../../lib/fleet/enrolment.ts';
import { newestGeneration } from '../../lib/fleet/generations.ts';
import { publish } from '../aws/connection.ts';
import { storeOf } from '../fleet/enrolment-store.ts';
import type { SiteDevice } from '../fleet/fleet-device.ts';
import { CliError, NotDeployedError } from '../terminal/cli-error.ts';
import { withSpinner } from '../terminal/spinner.ts';
import { printSentence, printDone, type Terminal } from '../terminal/terminal.ts';

/**
 * Raises the generation that the fleet file wants; or once that is deployed, and its board has no such identity yet, tells the board
 * so. A board asks at each start as well, and the cloud ends the identity before once the new one is used.
 */
export async function rotateOverTheAir(
  target: SiteDevice,
  { csr, localKey, finish }: { readonly csr?: string; readonly localKey?: true; readonly finish?: true },
  terminal: Terminal,
): Promise<void> {
  const { site, device, file } = target;
  const { name } = device;
  const thing = site.names.thing(name);
  if (finish)
    throw new CliError(`the cloud takes the older identity of ${name} away once its board uses the newer one`);
  if (csr !== undefined || localKey)
    throw new CliError(`the board of ${name} makes its key itself: without --csr and --local-key`);
  const asked = Promise.all([storeOf(target).read(), certificatesOf(thing)]);
  const [enrolment, certificates = []] = await withSpinner(terminal, 'Asking AWS', asked);
  if (enrolment === undefined) throw new NotDeployedError(`device "${name}"`);
  if (!certificates.some(({ status }) => status === 'ACTIVE'))
    throw new CliError(`${name} has no identity that it could ask for another one with; run: bin/fleet enrol ${name}`);
  const { stdout } = terminal;
  const { number } = newestGeneration(device);
  if (enrolment.wants !== wantedOf(device)) {
    await printDone(stdout, `${file} says ${saidOf(target, number)} already, which is not deployed yet`);
  } else if ((enrolment.has?.generation ?? 0) < number) {
    await tellBoard(target);
    await printDone(stdout, `told the board of ${name} to make a new key; one that is away asks when it starts again`);
    return;
  } else {
    raiseGenerations([target]);
    await printDone(stdout, `${file} says ${saidOf(target, nextOf(device))}`);
  }
  await printSentence(stdout, 'Next:');
  await printSentence(stdout, '  commit it, and deploy it: npx cdk deploy --all');
  await printSentence(stdout, `  tell the board: bin/fleet rotate ${name}`);
}

/** Asks the board of a device to make a new key. */
export function tellBoard({ site, device }: SiteDevice): Promise<void> {
  return publish(`${site.names.commandTopic(device.name)}/identity/rotate`, '{}');
}

/** Writes the next generation of each into its fleet file, or of all of a list at once. */
export function raiseGenerations(targets: readonly SiteDevice[]): void {
  const ofLists: Record<string, Record<string, { generation: string }>> = {};
  for (const { site, device, file } of targets) {
    const next = nextOf(device);
    if (site.list === undefined) writeGenerations(file, device.name, { generations: [next] });
    else (ofLists[file] ??= {})[device.name] = { generation: String(next) };
  }
  for (const [file, changes] of Object.entries(ofLists)) writeIntoList(file, changes);
}

const nextOf = (device: SiteDevice['device']): number => newestGeneration(device).number + 1;

function saidOf({ site, device }: SiteDevice, generation: number): string {
  return site.list === undefined ? `generations: [${generation}]` : `generation ${generation} of ${device.name}`;
}

import { certificatesOf } from '../../aws/certificates.ts';
import { readCertificate } from '../../aws/identities.ts';
import { storeOf } from '../fleet/enrolment-store.ts';
import { resourcesOfSite } from '../../aws/stacks.ts';
import { wantedOf } from '../../lib/fleet/enrolment.ts';
import { newestGeneration } from '../../lib/fleet/generations.ts';
import { roomToRotate } from '../../lib/fleet/site-room.ts';
import { cloudName, printCloud } from '../aws/cloud.ts';
import { concurrently } from '../../aws/concurrently.ts';
import { fleetDevices, type SiteDevice, type WhichFleet } from '../fleet/fleet-device.ts';
import { CliError } from '../terminal/cli-error.ts';
import { counted } from '../terminal/counted.ts';
import { ProgressBar } from '../terminal/progress-bar.ts';
import { table } from '../terminal/table.ts';
import { indentedJson, print, printDone, printSentence, type Terminal } from '../terminal/terminal.ts';
import { formatAgo, formatDay } from '../terminal/time.ts';
import { examine, writeNextGeneration } from './next-generation.ts';
import { raiseGenerations, tellBoard } from './over-the-air.ts';

export interface WaveOptions extends WhichFleet {
  /** Milliseconds. */
  readonly olderThan: number;
  /** Devices in the wave. @default as many as there is room for */
  readonly atMost?: number;
  readonly dryRun?: true;
  readonly json?: true;
}

/** What becomes of a device whose identity is too old, or that has not finished an earlier rotation. */
type Part = 'this wave' | 'next wave' | 'still rotates' | 'has a csr';

interface Aged extends SiteDevice {
  /** When the newest of its certificates that can connect was made, in milliseconds since 1970. */
  readonly made: number;
  /** `written`: the newer generation is not deployed yet. `deployed`: it is, and waits for the board alone. */
  readonly rotates: 'written' | 'deployed' | 'no';
}

/**
 * Rotates the devices with the oldest identities, as many as their sites have room for.
 *
 * @throws {CliError} for the first device that cannot rotate; then nothing is written
 */
export async function beginWave(options: WaveOptions, terminal: Terminal): Promise<void> {
  const { dryRun = false, json = false } = options;
  const { stdout } = terminal;
  const cloud = await cloudName();
  const parts = divided(await agesOf(fleetDevices(options), terminal), options);
  const wave = parts.filter(({ part }) => part === 'this wave').map(({ aged }) => aged);
  const waiting = parts.filter(({ aged }) => aged.device.enrols && aged.rotates === 'deployed').map(({ aged }) => aged);

  const cables = wave.filter(({ device }) => !device.enrols);
  const sites = [...new Map(cables.map(({ site }) => [site.name, site])).values()];
  const resources = new Map(
    await concurrently(sites, async (site) => [site.name, await resourcesOfSite(site)] as const),
  );
  const examined = await concurrently(cables, async (target) => {
    return { target, examined: await examine(target, resources.get(target.site.name)) };
  });
  const undeployed = examined.find(({ examined: { isWritten } }) => isWritten)?.target;
  if (undeployed !== undefined)
    throw new CliError(
      `${undeployed.site.file} has a generation of ${undeployed.device.name} that is not deployed yet`,
    );
  if (!dryRun) {
    for (const { target, examined: found } of examined) writeNextGeneration(target, found);
    raiseGenerations(wave.filter(({ device }) => device.enrols));
    for (const target of waiting) await tellBoard(target);
  }

  if (json) {
    const entries = parts.map(({ aged: { site, device, made }, part }) => {
      return { site: site.name, device: device.name, made: new Date(made), rotation: part };
    });
    return print(stdout, indentedJson(entries));
  }
  await printCloud(terminal, cloud);
  if (parts.length === 0)
    return printSentence(stdout, 'no device has an identity that is older, and none still rotates');
  const rows = parts.map(({ aged: { site, device, made }, part }) => {
    return [device.name, site.name, formatDay(made), formatAgo(made), part];
  });
  await print(stdout, table(stdout, ['device', 'site', 'made', 'age', 'rotation'], rows, ['age', 'site']));
  if (waiting.length > 0)
    await printDone(stdout, `${dryRun ? 'would tell' : 'told'} ${counted(waiting.length, 'board')} to make a new key`);
  await printNext(parts, dryRun, stdout);
}

/** Of devices that are deployed and have an identity that can connect. */
async function agesOf(targets: readonly SiteDevice[], terminal: Terminal): Promise<Aged[]> {
  const current = targets.filter(({ device }) => !device.revoked);
  const bar = new ProgressBar(terminal, 'asking AWS', current.length);
  let done = 0;
  try {
    const aged = await concurrently(current, async (target): Promise<Aged[]> => {
      const { site, device } = target;
      const thing = site.names.thing(device.name);
      const [certificates = [], enrolment] = await Promise.all([
        certificatesOf(thing),
        device.enrols ? storeOf(target).read() : undefined,
      ]);
      bar.update((done += 1));
      const made = certificates
        .filter(({ status }) => status === 'ACTIVE')
        .map(({ created }) => created?.getTime() ?? 0);
      if (made.length === 0) return [];
      const { number } = newestGeneration(device);
      const rotates = device.enrols ? (enrolment?.has?.generation ?? 0) < number : device.generations.length > 1;
      const isDeployed = async () =>
        device.enrols
          ? enrolment?.wants === wantedOf(device)
          : (await readCertificate(site.names.identityPath(site.name, device.name, number))) !== undefined;
      const state = !rotates ? 'no' : (await isDeployed()) ? 'deployed' : 'written';
      return [{ ...target, made: Math.max(...made), rotates: state }];
    });
    return aged.flat();
  } finally {
    bar.end();
  }
}

/** The oldest first. */
function divided(
  devices: readonly Aged[],
  { olderThan, atMost = Infinity }: WaveOptions,
): { readonly aged: Aged; readonly part: Part }[] {
  let left = atMost;
  const room = new Map(devices.map(({ site }) => [site.name, roomToRotate(site)]));
  const busy = new Set(devices.filter(({ rotates }) => rotates !== 'no').map(({ site }) => site.name));
  const partOf = ({ site, device, rotates }: Aged): Part => {
    if (rotates !== 'no') return 'still rotates';
    if (newestGeneration(device).csr !== undefined) return 'has a csr';
    const free = room.get(site.name) ?? 0;
    if (busy.has(site.name) || left === 0 || (free < 1 && !device.enrols)) return 'next wave';
    left -= 1;
    if (!device.enrols) room.set(site.name, free - 1);
    return 'this wave';
  };
  return devices
    .filter(({ made, rotates }) => rotates !== 'no' || made < Date.now() - olderThan)
    .toSorted((one, other) => one.made - other.made)
    .map((aged) => ({ aged, part: partOf(aged) }));
}

async function printNext(
  parts: ReturnType<typeof divided>,
  dryRun: boolean,
  stdout: Terminal['stdout'],
): Promise<void> {
  const of = (part: Part) => parts.filter((one) => one.part === part).map(({ aged }) => aged.device);
  const [wave, still, later, own] = [of('this wave'), of('still rotates'), of('next wave'), of('has a csr')];
  const cables = [...still, ...wave].filter(({ enrols }) => !enrols);
  const undeployed = [...wave, ...parts.flatMap(({ aged }) => (aged.rotates === 'written' ? [aged.device] : []))];
  const next = [
    ...(undeployed.length > 0 && !dryRun ? ['commit it, and deploy it: npx cdk deploy --all'] : []),
    ...(cables.length > 0 && !dryRun
      ? [
          `flash each board that has a cable with its new identity, such as: bin/fleet flash ${cables[0]?.name}`,
          'take the old identities away: bin/fleet rotate --all --finish',
        ]
      : []),
    ...(undeployed.some(({ enrols }) => enrols) && !dryRun ? ['tell the other boards: this command again'] : []),
    ...(later.length > 0
      ? [`once these have finished, begin the next wave, of ${counted(later.length, 'device')}: this command again`]
      : []),
    ...(own[0] !== undefined
      ? [`what has a csr rotates alone: bin/fleet rotate ${own[0].name} --csr FILE, or --local-key`]
      : []),
  ];
  if (next.length > 0) await printSentence(stdout, 'Next:');
  for (const step of next) await printSentence(stdout, `  ${step}`);
}

import { writeEnvironment } from '@esp-fleet/local-cloud';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { isConnected } from '../cli/aws/connection.ts';
import { timeSeries } from '../cli/aws/deployment.ts';
import { fleetDevice, type WhichFleet } from '../cli/fleet/fleet-device.ts';
import { follow } from '../cli/rows/follow.ts';
import { readIdentity } from '../cli/secrets/identity.ts';
import { rowLine } from '../cli/rows/row-text.ts';
import { MissingTableError } from '../cli/terminal/cli-error.ts';
import { print, printable } from '../cli/terminal/terminal.ts';
import type { FleetNames } from '../lib/fleet/names.ts';
import { newestGeneration } from '../lib/fleet/generations.ts';
import { type Credentials, type Demo, deploy, emittedCredentials } from './demo.ts';
import { firstDevice, invitation, nowYourBoard } from './invitation.ts';
import { type Command, SimulatedDevice } from './simulated-device.ts';

const PUBLISH_MS = 3_000;
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * `npm start`: the devices publish, and their rows are printed as they land, until Ctrl-C.
 *
 * @param page where to look at it
 * @param lan whether boards reach the broker
 */
export async function runLive(demo: Demo, page: string, lan: boolean): Promise<void> {
  const { cloud, names, report, sites, terminal, signal } = demo;
  const first = firstDevice(sites, lan);
  await writeEnvironment(cloud);
  await deploy(demo);
  const credentials = await emittedCredentials(demo);
  await report.line(invitation(first, demo, page));
  if (lan) await report.line(nowYourBoard(first));

  const devices = sites.flatMap((site) => site.devices.map((device) => device.name));
  const destroyed = new AbortController();
  const living = AbortSignal.any([signal, destroyed.signal]);
  const rows = follow(await timeSeries(names), devices, Date.now(), living);
  const boards = credentials.map((one) => keepPublishing(one, { ...demo, signal: living }));
  try {
    for await (const batch of rows)
      for (const row of batch) await print(terminal.stdout, rowLine(terminal.stdout, row));
  } catch (error) {
    if (!(error instanceof MissingTableError)) throw error;
    destroyed.abort();
    await report.line(
      `${names.telemetryStack} is destroyed: there is nothing to show any more. The local cloud goes on until Ctrl-C.`,
    );
    await once(signal, 'abort'); // whoever destroys the fleet needs the cloud, the CDK CLI in the middle of it above all
  }
  await Promise.all(boards);
}

/**
 * What a board does: connects, publishes, and comes back after a pause that grows while it is refused. And what its owner
 * does: flashes it with its newest identity once that is deployed. It steps back for a board that connects by its name.
 */
async function keepPublishing(first: Credentials, { names, report, signal, folders }: Demo): Promise<void> {
  let { identity } = first;
  const { roots } = first;
  const hear = ({ topic, payload }: Command) =>
    void report.line(`${identity.device} has received ${topic}: ${printable(payload)}`);
  const isFlashed = async () => {
    const newest = await newestIdentity({ fleet: folders.fleet, names }, identity);
    if (newest.generation === identity.generation) return false;
    identity = newest;
    await report.line(`${identity.device} is flashed with generation ${identity.generation} of its identity`);
    return true;
  };
  let pause = SHORTEST_PAUSE_MS;
  while (!signal.aborted) {
    const device = await connected(identity, roots, names, hear);
    if (device === undefined) {
      await asleep(pause, signal);
      pause = (await isFlashed()) ? SHORTEST_PAUSE_MS : Math.min(2 * pause, LONGEST_PAUSE_MS);
      continue;
    }
    pause = SHORTEST_PAUSE_MS;
    let flashed = false;
    while (device.isConnected && !flashed && !signal.aborted) {
      await device.publish().catch(() => undefined); // its session ended
      await Promise.race([asleep(PUBLISH_MS, signal), device.ended]);
      flashed = await isFlashed();
    }
    await device.end();
    if (flashed || signal.aborted) continue;
    if (await isConnected(identity.thingName).catch(() => false)) {
      return report.line(`${identity.device}: a board has connected by this name; its simulation ends`);
    }
    await report.line(`${identity.device} was cut off`);
  }
}

/** A session with the device's commands in it; undefined where the broker refuses either. */
async function connected(
  identity: Credentials['identity'],
  roots: string,
  names: FleetNames,
  heard: (command: Command) => void,
): Promise<SimulatedDevice | undefined> {
  const device = await SimulatedDevice.connect(identity, roots).catch(() => undefined);
  try {
    await device?.hear(names, heard);
    return device;
  } catch {
    await device?.end();
    return undefined;
  }
}

/** The newest identity that is deployed; the one there is while that cannot be told, such as while somebody edits the file. */
async function newestIdentity(
  which: Pick<WhichFleet, 'fleet' | 'names'>,
  identity: Credentials['identity'],
): Promise<Credentials['identity']> {
  try {
    const target = fleetDevice(which, identity.device);
    // Asked of the cloud only when there is a reason to.
    if (newestGeneration(target.device).number === identity.generation) return identity;
    return (await readIdentity(target)) ?? identity;
  } catch {
    return identity;
  }
}

async function asleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined); // the caller looks at the signal
}

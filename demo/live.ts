import { writeEnvironment } from '@esp-fleet/local-cloud';
import { setTimeout } from 'node:timers/promises';
import { timeSeriesTableName } from '../cli/aws/deployment.ts';
import { CliError } from '../cli/cli-error.ts';
import { follow } from '../cli/follow.ts';
import { rowLine } from '../cli/row-text.ts';
import { print } from '../cli/terminal.ts';
import { type Credentials, type Demo, deploy, emittedCredentials, isSimulable } from './demo.ts';
import { SimulatedDevice } from './simulated-device.ts';

const PUBLISH_MS = 3_000;
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * `npm start`: the devices publish, and their rows are printed as they land, until Ctrl-C.
 *
 * @param page where to look at it
 */
export async function runLive(demo: Demo, page: string): Promise<void> {
  const { cloud, report, sites, terminal, signal } = demo;
  if (!sites.some(({ devices }) => devices.some(isSimulable))) {
    throw new CliError('no device in fleet/ can be simulated: each is revoked, or keeps its own key (csr)');
  }
  await writeEnvironment(cloud, '.local');
  await deploy(demo);
  const credentials = await emittedCredentials(demo);
  await report.line(invitation(credentials, page));

  const names = sites.flatMap((site) => site.devices.map((device) => device.name));
  const rows = follow(await timeSeriesTableName(), names, Date.now(), signal);
  const boards = credentials.map((one) => keepPublishing(one, demo));
  for await (const batch of rows) for (const row of batch) await print(terminal.stdout, rowLine(terminal.stdout, row));
  await Promise.all(boards);
}

function invitation(credentials: readonly Credentials[], page: string): string {
  const [first, second] = credentials.map(({ identity }) => identity.thingName);
  return `
In a browser:
  ${page}
In a second terminal:
  source .local/env
  npx fleet list
  npx fleet explain ${first} publish rtjm/${second ?? 'another'}/telemetry
  npx fleet secrets ${first} --pem .local/${first}   # and how to publish with mosquitto_pub
  npx fleet revoke ${first}                          # changes its line in fleet/
Ctrl-C ends it all.
`;
}

/** What a board does: connects, publishes, and comes back after a pause that grows while it is refused. */
async function keepPublishing({ identity, roots }: Credentials, { report, signal }: Demo): Promise<void> {
  let pause = SHORTEST_PAUSE_MS;
  while (!signal.aborted) {
    const device = await SimulatedDevice.connect(identity, roots).catch(() => undefined);
    if (device === undefined) {
      await asleep(pause, signal);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      continue;
    }
    pause = SHORTEST_PAUSE_MS;
    while (device.isConnected && !signal.aborted) {
      await device.publish().catch(() => undefined); // its session ended
      await Promise.race([asleep(PUBLISH_MS, signal), device.ended]);
    }
    await device.end();
    if (!signal.aborted) await report.line(`${identity.thingName} was cut off`);
  }
}

async function asleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined); // the caller looks at the signal
}

import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import type { Row } from '../cli/rows/time-series.ts';
import { CliError } from '../cli/terminal/cli-error.ts';
import { fleet } from '../cli/program.ts';
import { fieldsOf, rowJson } from '../cli/rows/row-text.ts';
import { formatMillisecond } from '../cli/terminal/time.ts';
import { cdkDestroy, stacksOfApp } from './cdk.ts';
import { type Credentials, type Demo, deploy, emittedCredentials, isSimulable } from './demo.ts';
import { deployedStacks, stacksOfFleet } from './deployed-stacks.ts';
import { inventory } from './inventory.ts';
import { publishedRows } from './published-rows.ts';
import type { Report } from './report.ts';
import { SimulatedDevice } from './simulated-device.ts';

const MESSAGES_EACH = 3;
const TIME_LIMIT_MS = 10_000;

/**
 * `npm start -- --once`: the whole path, from the deployment to its end.
 *
 * @param lastRefusal the newest line of the cloud's log about something it refused
 * @throws {CliError} at the first thing that is not as it has to be
 */
export async function runOnce(demo: Demo, lastRefusal: () => string | undefined): Promise<void> {
  const { report, sites, folders, signal } = demo;
  if (sites.flatMap((site) => site.devices).filter(isSimulable).length < 2) {
    throw new CliError(
      '--once needs two devices in fleet/ that are not revoked and have their keys in the cloud: one is revoked, the other goes on',
    );
  }
  if ((await deployedStacks(stacksOfFleet(sites, demo.names))).length > 0) {
    throw new CliError(
      'a fleet is deployed there already, and --once would destroy it; choose an empty folder with --data',
    );
  }
  const before = await inventory();
  await deploy(demo);

  const credentials = await emittedCredentials(demo);
  const connecting = () =>
    Promise.all(credentials.map(({ identity, roots }) => SimulatedDevice.connect(identity, roots)));
  const devices = await report.step(
    `${credentials.length} simulated devices connect, each with its own certificate`,
    connecting,
  );
  try {
    const publishing = () => publishedRows(demo.names, devices, MESSAGES_EACH);
    const rows = await report.step(
      `each publishes ${MESSAGES_EACH} messages without a time, and they become rows`,
      publishing,
    );
    await showRows(report, rows);
    await revokeFirst(demo, devices, credentials, lastRefusal);
  } finally {
    await Promise.all(devices.map((device) => device.end()));
  }

  await report.step('cdk destroy --all', () => cdkDestroy(folders, signal));
  await report.step('nothing is left: no stack, thing, certificate, policy, parameter, rule or table', async () => {
    const left = [...(await inventory())].filter((resource) => !before.has(resource));
    left.push(...(await deployedStacks(stacksOfApp(folders))).map(({ name }) => `stack ${name}`));
    if (left.length > 0) throw new CliError(`left behind: ${left.join(', ')}`);
  });
}

async function showRows(report: Report, rows: readonly Row[]): Promise<void> {
  const fields = [...new Set(rows.flatMap(fieldsOf))];
  const lines = rows.map((row) => {
    const values = JSON.parse(rowJson(row)) as Record<string, string | number>;
    const { device, received, full_topic: topic } = values;
    return [device, formatMillisecond(Number(received)), topic, ...fields.map((field) => values[field])].map(String);
  });
  // The topic names the device, too.
  await report.showTable(['device', 'received', 'full_topic', ...fields], lines, ['device']);
}

async function revokeFirst(
  { report, folders, names, context }: Demo,
  devices: readonly SimulatedDevice[],
  credentials: readonly Credentials[],
  lastRefusal: () => string | undefined,
): Promise<void> {
  const [stolen, ...others] = devices;
  const [stolenCredentials] = credentials;
  if (stolen === undefined || stolenCredentials === undefined) throw new CliError('there is no device to revoke');
  const { name } = stolen;

  const said = await report.step(`bin/fleet revoke ${name} (on a copy of fleet/)`, () =>
    runVerb([...context.flatMap((pair) => ['-c', pair]), 'revoke', name, '--yes', '--fleet', folders.fleet]),
  );
  // Of a copy that goes away, nothing is to be committed.
  await report.show(said.replace(/; commit it$/m, ''));

  await report.step(`${name} is cut off: its session ended, and it cannot come back`, async () => {
    const tooLate = setTimeout(TIME_LIMIT_MS, true, { ref: false });
    if (await Promise.race([stolen.ended, tooLate])) throw new CliError(`${name} is still connected`);
    const { identity, roots } = stolenCredentials;
    const back = await SimulatedDevice.connect(identity, roots).catch(() => undefined);
    if (back !== undefined) {
      await back.end();
      throw new CliError(`${name} is revoked, and could connect again`);
    }
  });
  await report.show(lastRefusal() ?? '');

  const rest = others.map((device) => device.name).join(', ');
  await report.step(`${rest} noticed nothing, and still publishes`, async () => {
    const lost = others.find((device) => !device.isConnected);
    if (lost !== undefined) throw new CliError(`${lost.name} lost its session as well`);
    await publishedRows(names, others, MESSAGES_EACH);
  });
}

/** @throws {CliError} with what the verb complained about */
async function runVerb(argv: readonly string[]): Promise<string> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const [said, complained] = [text(stdout), text(stderr)];
  const code = await fleet(argv, { stdin, stdout, stderr });
  stdout.end();
  stderr.end();
  if (code !== 0) throw new CliError(`fleet ${argv[0]} ended with exit code ${code}: ${await complained}`);
  return (await said).trimEnd();
}

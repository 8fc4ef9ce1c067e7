import { SetV2LoggingOptionsCommand } from '@aws-sdk/client-iot';
import {
  type Cloud,
  lanAddress,
  lanNotice,
  type Log,
  memoryLog,
  refuseBesideAnother,
  startCloud,
  startFailure,
} from '@esp-fleet/local-cloud';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { iot } from '../aws/clients.ts';
import { CliError } from '../cli/terminal/cli-error.ts';
import { errorMessage } from '../cli/terminal/error-message.ts';
import { colours, type Terminal, wrapped } from '../cli/terminal/terminal.ts';
import { type PageServer, startPageServer } from '../cli/web/server.ts';
import { readFleetContext } from '../lib/fleet/cdk-json.ts';
import { FleetNames } from '../lib/fleet/names.ts';
import { readFleet } from '../lib/fleet/read.ts';
import { settingsIn } from '../lib/fleet/settings.ts';
import { CdkError } from './cdk.ts';
import { runLive } from './live.ts';
import { runOnce } from './once.ts';
import { refusalsIn } from './refusals.ts';
import { Report, seconds } from './report.ts';

export interface StartOptions {
  /** A bounded run that shows the whole path and ends, instead of one that goes on until Ctrl-C. */
  readonly once?: true;
  /** Of the AWS APIs; 0 takes a free one. */
  readonly port: number;
  /** Of the MQTT broker; 0 takes a free one. */
  readonly mqttPort: number;
  /** As `cdk -c` takes it, each such as `stage=dev`. */
  readonly context: readonly string[];
  /** An address of this machine on which the broker listens besides, or true for the one that it sends from. */
  readonly lan?: string | true;
  /** The folder in which the local cloud keeps everything. Without it, all is gone at the end. */
  readonly data?: string;
}

/** In the folder that npm starts us in. */
const FLEET = 'fleet';
const EXIT_INTERRUPTED = 130; // as shells have it: 128 + SIGINT

/**
 * `npm start`: the app on a cloud of this machine, deployed by the real CDK CLI, with a simulated device an entry of
 * the fleet files. Whatever happens, nothing is left running.
 *
 * @returns the exit code
 */
export async function start(options: StartOptions, terminal: Terminal): Promise<number> {
  const interrupted = new AbortController();
  const stop = () => interrupted.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  terminal.stdout.on('error', stop); // its reader has gone, such as `npm start | head`
  const scratch = mkdtempSync(join(tmpdir(), 'esp-fleet-'));
  try {
    await run(options, scratch, terminal, interrupted.signal);
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) return options.once ? EXIT_INTERRUPTED : 0;
    if (error instanceof CdkError) terminal.stderr.write(error.output);
    const line = `${colours(terminal.stderr).red('esp-fleet:')} ${errorMessage(error, undefined)}`;
    terminal.stderr.write(`${wrapped(terminal.stderr, line)}\n`);
    return 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 10 });
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

async function run(options: StartOptions, scratch: string, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const settings = settingsIn(readFleetContext(process.cwd(), options.context));
  const names = new FleetNames(settings);
  const sites = readFleet(FLEET, names);
  const report = new Report(terminal);
  const log = memoryLog();
  const cloud = await startedCloud(options, options.once ? log : refusalsIn(terminal));
  let page: PageServer | undefined;
  try {
    leadTo(cloud); // before anything asks AWS, the page included
    if (!options.once) {
      await turnLogsOn(); // the page shows what the broker refuses
      page = await startPageServer({ fleet: resolve(FLEET), names, settings: undefined }, 0);
      await report.line(`Page: ${page.link}`);
    }
    await report.done('local cloud: AWS on this machine, no account needed', started);
    await report.show(`${cloud.endpoint}, broker at mqtts://localhost:${cloud.mqttPort}`);
    if (options.lan !== undefined) await report.show(lanNotice(cloud));
    const folders = { scratch, fleet: resolve(FLEET) };
    const { context } = options;
    const demo = { cloud, names, settings, context, sites, report, terminal, signal, folders };
    if (page !== undefined) return await unlessAborted(signal, runLive(demo, page.link, options.lan !== undefined));

    // On a copy, since the revocation must not end up in the user's file.
    const fleet = join(scratch, FLEET);
    cpSync(FLEET, fleet, { recursive: true });
    const lastRefusal = () => log.lines.findLast((line) => line.startsWith('refused'));
    await unlessAborted(signal, runOnce({ ...demo, folders: { scratch, fleet } }, lastRefusal));
    await report.line(`All of it held, in ${seconds(performance.now() - started)}.`);
  } finally {
    await page?.close();
    await cloud.close();
  }
}

/** @throws {CliError} that says what is in the way */
async function startedCloud({ once, port, mqttPort, lan: asked, data }: StartOptions, log: Log): Promise<Cloud> {
  try {
    if (!once) await refuseBesideAnother();
    const lan = asked === undefined ? undefined : await lanAddress(asked);
    return await startCloud({
      port,
      mqttPort,
      log,
      ...(lan !== undefined && { lan }),
      ...(data !== undefined && { data }),
    });
  } catch (error) {
    throw new CliError(startFailure(error, { port, mqttPort, data }));
  }
}

/** As whoever has an account does once, see `fleet doctor`. */
async function turnLogsOn(): Promise<void> {
  const roleArn = 'arn:aws:iam::000000000000:role/logs';
  await iot.send(new SetV2LoggingOptionsCommand({ roleArn, defaultLogLevel: 'ERROR' }));
}

/** Has this process and those it starts talk to the local cloud alone, whatever AWS account the user works with. */
function leadTo({ environment }: Cloud): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, environment, {
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
  });
}

/** Ends with the work, or as soon as the signal comes. */
async function unlessAborted(signal: AbortSignal, work: Promise<void>): Promise<void> {
  signal.throwIfAborted();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  await Promise.race([work, aborted]);
}

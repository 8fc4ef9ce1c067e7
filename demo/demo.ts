import type { Cloud } from '@esp-fleet/local-cloud';
import { findCertificate } from '../aws/certificates.ts';
import { type Identity, type OfGeneration, readIdentity } from '../cli/secrets/identity.ts';
import { CliError } from '../cli/terminal/cli-error.ts';
import { enumerated } from '../cli/terminal/counted.ts';
import { rootCertificates } from '../cli/secrets/root-certificates.ts';
import type { Terminal } from '../cli/terminal/terminal.ts';
import type { FleetNames } from '../lib/fleet/names.ts';
import { newestGeneration } from '../lib/fleet/generations.ts';
import { allDevices, type FleetDevice, type Site } from '../lib/fleet/read.ts';
import type { FleetSettings } from '../lib/fleet/schema.ts';
import { type CdkFolders, cdkDeploy, stacksOfApp } from './cdk.ts';
import { deployedStacks, workedOn } from './deployed-stacks.ts';
import { type Report, seconds } from './report.ts';

/** Of the devices that are not simulated: a list has thousands. */
const MOST_NAMES = 20;

/** What both forms of `npm start` have at hand. */
export interface Demo {
  readonly cloud: Cloud;
  readonly names: FleetNames;
  readonly settings: FleetSettings;
  /** As `cdk -c` takes it. */
  readonly context: readonly string[];
  readonly sites: readonly Site[];
  readonly folders: CdkFolders;
  readonly report: Report;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Deploys the app, and shows the stacks that this makes. @throws {CliError} */
export async function deploy({ settings, sites, folders, report, signal }: Demo): Promise<void> {
  await refuseCertificatesOfAccount(sites);
  const started = Date.now();
  await report.step('cdk deploy --all', () => cdkDeploy(folders, settings, signal));
  const stacks = await deployedStacks(stacksOfApp(folders));
  const rows = stacks.map(async (stack) => {
    const milliseconds = await workedOn(stack, started);
    return [stack.name, stack.status, milliseconds === undefined ? 'no changes' : seconds(milliseconds)];
  });
  await report.showTable(['stack', 'status', 'took'], await Promise.all(rows));
}

/** @throws {CliError} when devices are to take over certificates that this cloud does not have: CloudFormation says it in many lines */
async function refuseCertificatesOfAccount(sites: readonly Site[]): Promise<void> {
  const missing: string[] = [];
  for (const { file, devices } of sites) {
    for (const { name, line, generations } of devices) {
      const ids = generations.flatMap(({ certificateId }) => certificateId ?? []);
      const found = await Promise.all(ids.map(findCertificate));
      if (found.includes(undefined)) missing.push(`${name} (${file}:${line})`);
    }
  }
  if (missing.length === 0) return;
  throw new CliError(
    `these devices have certificates of your AWS account, which the local cloud cannot deploy: ${missing.join(', ')}; ` +
      'for npm start, take them out of the file meanwhile',
  );
}

/** A device's identity, and the roots by which it knows the broker. */
export interface Credentials {
  readonly identity: Identity & OfGeneration;
  readonly roots: string;
}

/** Whether the demo can play the device: it may connect, and its key is not on its board alone. */
export function isSimulable(device: FleetDevice): boolean {
  const { csr, certificateId } = newestGeneration(device);
  return !device.revoked && !device.enrols && csr === undefined && certificateId === undefined;
}

/** Those of the fleet, its lists included, that may connect and cannot be played. */
export function notSimulable(sites: readonly Site[]): string[] {
  const devices = sites.flatMap((site) => allDevices(site).devices);
  return devices.filter((device) => !device.revoked && !isSimulable(device)).map(({ name }) => name);
}

/** The identities that the deployment made, of every device that can be simulated. Says which cannot, and why. */
export async function emittedCredentials({ sites, report }: Demo): Promise<Credentials[]> {
  const ownKeys = notSimulable(sites);
  if (ownKeys.length > 0) {
    await report.show(`not simulated, since their keys are not in the cloud: ${enumerated(ownKeys, MOST_NAMES)}`);
  }
  const devices = sites.flatMap((site) => site.devices.map((device) => ({ site, device })));
  const roots = await rootCertificates();
  return Promise.all(
    devices
      .filter(({ device }) => isSimulable(device))
      .map(async ({ site, device }) => {
        const identity = await readIdentity({ site, device });
        if (identity === undefined) throw new CliError(`${device.name} was deployed without an identity`);
        return { identity, roots };
      }),
  );
}

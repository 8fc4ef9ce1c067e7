import type { Cloud } from '@esp-fleet/local-cloud';
import { findCertificate } from '../aws/certificates.ts';
import { type Identity, type OfGeneration, readIdentity } from '../cli/secrets/identity.ts';
import { CliError } from '../cli/terminal/cli-error.ts';
import { rootCertificates } from '../cli/secrets/root-certificates.ts';
import type { Terminal } from '../cli/terminal/terminal.ts';
import type { FleetNames } from '../lib/fleet/names.ts';
import { newestGeneration } from '../lib/fleet/generations.ts';
import type { FleetDevice, Site } from '../lib/fleet/read.ts';
import type { FleetSettings } from '../lib/fleet/schema.ts';
import { type CdkFolders, cdkDeploy, stacksOfApp } from './cdk.ts';
import { deployedStacks, workedOn } from './deployed-stacks.ts';
import { type Report, seconds } from './report.ts';

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

/** The identities that the deployment made, of every device that can be simulated. Says which cannot, and why. */
export async function emittedCredentials({ sites, report }: Demo): Promise<Credentials[]> {
  const devices = sites.flatMap((site) => site.devices.map((device) => ({ site, device })));
  const ownKeys = devices.filter(({ device }) => !device.revoked && !isSimulable(device));
  if (ownKeys.length > 0) {
    const names = ownKeys.map(({ device }) => device.name).join(', ');
    await report.show(`not simulated, since their keys are not in the cloud: ${names}`);
  }
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

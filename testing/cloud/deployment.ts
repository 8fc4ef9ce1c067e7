import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Cloud, type CloudOptions, memoryLog, startCloud } from '@esp-fleet/local-cloud';
import { FleetNames, type FleetNaming } from '../../lib/fleet/names.ts';
import type { WhichFleet } from '../../cli/fleet/fleet-device.ts';
import { CommandHost } from './command-host.ts';
import { type Finished, ROOT } from './process.ts';

/** A fleet, as its operator has it. */
export interface OperatedFleet {
  /** A scratch folder; `fleet` in it holds the fleet files. */
  readonly folder: string;
  readonly fleetDir: string;
  /** Settings of the fleet, as cdk.json has them; a change counts from the next `cdk` on. */
  readonly settings: Record<string, unknown>;
  /** The fleet of these files and settings. */
  readonly which: WhichFleet;
  readonly cloud: Cloud;
  /** Options for any AWS SDK client. */
  readonly client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  writeSite(site: string, yaml: string): void;
  cdk(...args: string[]): Promise<Finished>;
  fleet(...args: string[]): Promise<Finished>;
}

/** The app, a local cloud of its own, and the real CDK CLI between them. */
export interface Deployment extends OperatedFleet {
  readonly log: ReturnType<typeof memoryLog>;
  /** Another fleet in the same account and region, or another clone of the same. */
  beside(naming: FleetNaming): OperatedFleet;
  close(): Promise<void>;
}

interface Options extends Pick<CloudOptions, 'data' | 'faults' | 'lan' | 'pace' | 'readings'> {
  /** How the fleet is called. @default as one without a name */
  readonly naming?: FleetNaming;
  /** How long a `cdk` command may take. @default 90 s */
  readonly limitMs?: number;
}

/** Starts a local cloud on free ports with a copy of the repository's fleet files; nothing is deployed yet. */
export async function startDeployment({
  limitMs = 90_000,
  naming = {},
  ...options
}: Options = {}): Promise<Deployment> {
  const log = memoryLog();
  const cloud = await startCloud({ port: 0, mqttPort: 0, log, ...options });
  const ends: (() => void)[] = [];
  const beside = (called: FleetNaming) => {
    const { end, ...fleet } = operatedFleet(cloud, called, limitMs);
    ends.push(end);
    return fleet;
  };
  return {
    ...beside(naming),
    log,
    beside,
    close: async () => {
      await cloud.close();
      for (const end of ends) end();
    },
  };
}

function operatedFleet(
  cloud: Cloud,
  naming: FleetNaming,
  limitMs: number,
): OperatedFleet & { readonly end: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-test-'));
  const fleetDir = join(folder, 'fleet');
  // Without the id that a deployment may have left there: each deployment is of a fleet of its own.
  cpSync(join(ROOT, 'fleet'), fleetDir, { recursive: true, filter: (path) => basename(path) !== 'id' });
  mkdirSync(join(folder, 'home'));
  const env = {
    ...cloud.environment,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_HOME: join(folder, 'home'),
    // AWS's template validation has a test of its own; here it would cost each synth two seconds.
    CDK_VALIDATION: 'false',
    NO_PROXY: '127.0.0.1,localhost',
    NO_COLOR: '1',
  };
  const settings: Record<string, unknown> = { removal: 'destroy', ...naming };
  const outdir = join(folder, 'cdk.out');
  const host = new CommandHost();
  const command = (tool: 'cdk' | 'fleet', args: readonly string[], limit: number): Promise<Finished> => {
    const context = { fleetDir, fleet: JSON.stringify(settings) };
    return host.run({ tool, args, context, outdir }, env, limit);
  };
  return {
    folder,
    fleetDir,
    settings,
    which: { fleet: fleetDir, names: new FleetNames(naming), settings: undefined },
    cloud,
    client: {
      endpoint: cloud.endpoint,
      region: cloud.environment.AWS_REGION ?? '',
      credentials: {
        accessKeyId: cloud.environment.AWS_ACCESS_KEY_ID ?? '',
        secretAccessKey: cloud.environment.AWS_SECRET_ACCESS_KEY ?? '',
      },
    },
    writeSite: (site, yaml) => writeFileSync(join(fleetDir, `${site}.yaml`), yaml),
    cdk: (...args) => command('cdk', args, limitMs),
    fleet: (...args) => command('fleet', args, 60_000),
    end: () => {
      host.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

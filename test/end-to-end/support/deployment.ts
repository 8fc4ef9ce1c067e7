import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cloud, type CloudOptions, memoryLog, startCloud } from '@esp-fleet/local-cloud';
import { type Finished, ROOT, run } from './process.ts';

/** The app, a local cloud of its own, and the real CDK CLI between them. */
export interface Deployment {
  readonly cloud: Cloud;
  readonly log: ReturnType<typeof memoryLog>;
  /** A scratch folder; `fleet` in it holds the fleet files. */
  readonly folder: string;
  readonly fleetDir: string;
  /** Settings of the fleet, as cdk.json has them; a change counts from the next `cdk` on. */
  readonly settings: Record<string, unknown>;
  /** Options for any AWS SDK client. */
  readonly client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  writeSite(site: string, yaml: string): void;
  cdk(...args: string[]): Promise<Finished>;
  fleet(...args: string[]): Promise<Finished>;
  close(): Promise<void>;
}

interface Options extends Pick<CloudOptions, 'data' | 'faults' | 'pace' | 'readings'> {
  /** How long a `cdk` command may take. @default 90 s */
  readonly limitMs?: number;
}

/** Starts a local cloud on free ports with a copy of the repository's fleet files; nothing is deployed yet. */
export async function startDeployment({ limitMs = 90_000, ...options }: Options = {}): Promise<Deployment> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-test-'));
  const fleetDir = join(folder, 'fleet');
  cpSync(join(ROOT, 'fleet'), fleetDir, { recursive: true });
  mkdirSync(join(folder, 'home'));
  const log = memoryLog();
  const cloud = await startCloud({ port: 0, mqttPort: 0, log, ...options });
  const env = {
    ...cloud.environment,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_HOME: join(folder, 'home'),
    // AWS's template validation has a test of its own; here it would cost each synth two seconds.
    CDK_VALIDATION: 'false',
    NO_PROXY: '127.0.0.1,localhost',
    NO_COLOR: '1',
  };
  const settings = { removal: 'destroy' };
  const context = () =>
    ['-c', `fleetDir=${fleetDir}`, '-c', `fleet=${JSON.stringify(settings)}`].concat('-o', join(folder, 'cdk.out'));
  const cdkCli = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
  return {
    cloud,
    log,
    folder,
    fleetDir,
    settings,
    client: {
      endpoint: cloud.endpoint,
      region: cloud.environment.AWS_REGION ?? '',
      credentials: {
        accessKeyId: cloud.environment.AWS_ACCESS_KEY_ID ?? '',
        secretAccessKey: cloud.environment.AWS_SECRET_ACCESS_KEY ?? '',
      },
    },
    writeSite: (site, yaml) => writeFileSync(join(fleetDir, `${site}.yaml`), yaml),
    cdk: (...args) => run(process.execPath, [cdkCli, ...args, ...context()], { env, limitMs }),
    fleet: (...args) =>
      run(process.execPath, ['--import', 'tsx', 'bin/fleet.ts', ...args, '--fleet', fleetDir], { env }),
    close: async () => {
      await cloud.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

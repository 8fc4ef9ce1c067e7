import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError } from '../cli/terminal/cli-error.ts';
import { DEMO_FLEET_ID } from '../lib/fleet/names.ts';
import type { FleetSettings } from '../lib/fleet/schema.ts';

/** The folder that cdk.json stands in. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The CDK CLI did not do what it was asked for. */
export class CdkError extends CliError {
  /** All that it said. */
  readonly output: string;

  constructor(verb: string | undefined, output: string) {
    super(`cdk ${verb} failed; what it said stands above`);
    this.output = output;
  }
}

/** Where the CDK CLI works for the demo, apart from what the user's own CDK keeps. */
export interface CdkFolders {
  /** Temporary: for the cloud assembly and the CLI's own notes. */
  readonly scratch: string;
  /** The fleet files. */
  readonly fleet: string;
}

/**
 * Deploys all stacks of the app with the real CDK CLI, to the cloud that the environment names. Of the settings of the fleet,
 * how it is called counts.
 *
 * @throws {CdkError}
 */
export async function cdkDeploy(
  { scratch, fleet }: CdkFolders,
  { name, prefix }: FleetSettings,
  signal: AbortSignal,
): Promise<void> {
  // No id is written beside the fleet files for a demo; `npx cdk deploy` in another terminal goes on with its stacks.
  const settings = JSON.stringify({ name, prefix, removal: 'destroy', id: DEMO_FLEET_ID });
  const context = ['-c', `fleetDir=${fleet}`, '-c', `fleet=${settings}`];
  await cdk(
    [
      'deploy',
      '--all',
      '--require-approval',
      'never',
      '--concurrency',
      '2',
      '--output',
      assemblyIn(scratch),
      ...context,
    ],
    scratch,
    signal,
  );
}

/**
 * Destroys all that {@link cdkDeploy} deployed.
 *
 * @throws {CdkError}
 */
export async function cdkDestroy({ scratch }: CdkFolders, signal: AbortSignal): Promise<void> {
  await cdk(['destroy', '--all', '--force', '--app', assemblyIn(scratch)], scratch, signal);
}

/** The stacks of the app that {@link cdkDeploy} deployed, those of yours/stacks.ts included. */
export function stacksOfApp({ scratch }: CdkFolders): string[] {
  return new CloudAssembly(assemblyIn(scratch)).stacksRecursively.map(({ stackName }) => stackName);
}

function assemblyIn(scratch: string): string {
  return join(scratch, 'cdk.out');
}

async function cdk(args: readonly string[], scratch: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [join(ROOT, 'node_modules/aws-cdk/bin/cdk'), ...args], {
    cwd: ROOT,
    detached: true, // a process group of its own: the CLI starts the app, which starts more
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      CDK_HOME: join(scratch, 'cdk-home'), // it remembers the account behind an access key
      CDK_VALIDATION: 'false', // 2 s; the local cloud checks what AWS checks
    },
  });
  const kill = () => void (child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'));
  signal.addEventListener('abort', kill, { once: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  signal.removeEventListener('abort', kill);
  if (code !== 0) throw new CdkError(args[0], output);
}

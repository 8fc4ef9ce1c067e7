import { App, AssetStaging } from 'aws-cdk-lib';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fleet } from '../../cli/program.ts';
import { FleetFileError } from '../../lib/fleet/fleet-file-error.ts';
import { addFleet } from '../../lib/fleet-app.ts';
import type { Asked } from './command-host.ts';
import { ROOT } from './process.ts';

/** The package exports its executable alone, which has no more in it than to call this and to print what it throws. */
const cdk = createRequire(import.meta.url)(`${ROOT}node_modules/aws-cdk/lib/index.js`) as {
  exec(args: readonly string[]): Promise<number | undefined>;
};
const { context: FLAGS } = JSON.parse(readFileSync(`${ROOT}cdk.json`, 'utf8')) as { context: object };
/** What the CDK CLI adds by itself. */
const BY_CLI = { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true };

/** Runs `cdk` or `fleet` in this process. @returns the exit code */
export async function runCommand({ tool, args, context, outdir }: Asked): Promise<number> {
  const options = Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  if (tool === 'fleet') return fleet([...args, ...options], process);
  if (args.includes('--app')) return (await cdk.exec([...args, ...options, '--output', outdir])) ?? 0;
  AssetStaging.clearAssetHashCache(); // a file may have changed since the command before
  const app = new App({ context: { ...FLAGS, ...BY_CLI, ...context }, outdir, autoSynth: false });
  try {
    await addFleet(app);
  } catch (error) {
    if (!(error instanceof FleetFileError)) throw error;
    console.error(error.message);
    return 1;
  }
  app.synth();
  return Number(process.exitCode ?? (await cdk.exec([...args, '--app', outdir])) ?? 0);
}

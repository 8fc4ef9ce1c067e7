import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fleet } from '../../cli/program.ts';
import { WHICH } from '../proved-fleet.ts';

/** How a run of `fleet` ended. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `fleet doctor` says about a device. */
export interface Finding {
  readonly device: string;
  readonly kind: 'problem' | 'note';
  readonly text: string;
  readonly fixable: boolean;
}

/** Runs a verb of `fleet` in this process, on the fleet files of a folder. */
export async function runVerb(fleetDir: string, ...argv: readonly string[]): Promise<Finished> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const written = Promise.all([text(stdout), text(stderr)]);
  const code = await fleet([...WHICH, ...argv, '--fleet', fleetDir], { stdin, stdout, stderr });
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return { code, stdout: out, stderr: err };
}

/** @param fix also do what `fleet doctor --fix` does */
export async function askDoctor(fleetDir: string, fix = false): Promise<Finding[]> {
  const { stdout, stderr } = await runVerb(fleetDir, 'doctor', '--json', ...(fix ? ['--fix', '--yes'] : []));
  if (stdout === '') throw new Error(`fleet doctor failed: ${stderr}`);
  return (JSON.parse(stdout) as { findings: Finding[] }).findings;
}

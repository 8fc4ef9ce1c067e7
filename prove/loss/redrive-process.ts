import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { WHICH } from '../proved-fleet.ts';
import { ROOT } from '../../testing/cloud/process.ts';
import type { CloudProcess } from '../../testing/cloud/cloud-process.ts';

const LIMIT_MS = 180_000;
const POLL_MS = 20;

/** What `fleet redrive --json` says. */
export interface Redriven {
  readonly code: number | null;
  readonly rows: { readonly columns: number; readonly raw: number };
  readonly left: readonly { readonly topic?: string; readonly reason: string }[];
}

/** Runs the verb as people do, to its end. */
export async function redrive(cloud: CloudProcess): Promise<Redriven> {
  const child = start(cloud);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  if (stderr !== '' || stdout === '') throw new Error(`fleet redrive ended with ${code}: ${stderr}`);
  return { code, ...(JSON.parse(stdout) as Omit<Redriven, 'code'>) };
}

/**
 * Runs the verb and kills it (`kill -9`) as soon as the condition holds.
 *
 * @returns whether it was killed; else it had ended before
 */
export async function killedRedrive(cloud: CloudProcess, isTime: () => Promise<boolean>): Promise<boolean> {
  const child = start(cloud);
  const ended = once(child, 'exit');
  while (child.exitCode === null && !(await isTime())) await setTimeout(POLL_MS);
  const isKilled = child.kill('SIGKILL');
  await ended;
  return isKilled && child.signalCode === 'SIGKILL';
}

function start({ started }: CloudProcess) {
  return spawn(process.execPath, ['--import', 'tsx', 'bin/fleet.ts', ...WHICH, 'redrive', '--json'], {
    cwd: ROOT,
    env: { ...process.env, ...started.environment, NO_PROXY: '127.0.0.1,localhost' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
}

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { FLEET_ID_FILE, fleetIdOf } from '../../lib/fleet/fleet-id.ts';
import { readFleetContext } from '../../lib/fleet/cdk-json.ts';
import { FleetNames } from '../../lib/fleet/names.ts';
import { mergedSettings } from '../../lib/fleet/settings.ts';
import { CliError } from '../terminal/cli-error.ts';
import { type Assembly, readAssembly } from './assembly.ts';
import { type Base, git } from './git.ts';

/** One side of a review. */
export interface Side {
  readonly assembly: Assembly;
  /** The settings of the whole fleet, as its cdk.json and `-c` have them. */
  readonly settings: unknown;
}

export interface SynthesisOptions {
  /** The folder with cdk.json. */
  readonly folder: string;
  /** As `cdk -c` takes it, each such as `stage=dev`. */
  readonly context: readonly string[];
  /** The folder of the fleet files, when it is not the one that the app takes by itself. */
  readonly fleetDir?: string;
  readonly signal: AbortSignal;
  /** Told what takes its time. */
  readonly onNote: (note: string) => void;
}

const cdkJson = z.object({ app: z.string(), context: z.record(z.string(), z.unknown()).default({}) });

const LOCK = 'package-lock.json';
const MODULES = ['node_modules', join('local', 'node_modules')];

/**
 * Synthesises the app as it stands in the folder, uncommitted changes included.
 *
 * @throws {CliError} when the app does not synthesise; what it said is in the message
 */
export async function synthesizeHead(options: SynthesisOptions): Promise<Side> {
  return inScratch((scratch) => synthesize(options.folder, join(scratch, 'head.out'), options));
}

/**
 * Synthesises the app as the base has it, in a git worktree of its own, and as it stands in the folder. Neither asks AWS
 * for anything, and nothing of it stays.
 *
 * @throws {CliError} as {@link synthesizeHead}, and when the base has no app in this folder
 */
export async function synthesizeBoth(options: SynthesisOptions, base: Base): Promise<{ before: Side; after: Side }> {
  const { folder } = options;
  return inScratch(async (scratch) => {
    const worktree = join(scratch, 'base');
    await removeAbandoned(folder);
    try {
      await git(folder, 'worktree', 'add', '--detach', '--quiet', worktree, base.commit);
      const baseFolder = join(worktree, await git(folder, 'rev-parse', '--show-prefix'));
      if (!existsSync(join(baseFolder, 'cdk.json'))) {
        throw new CliError(`${base.ref} has no cdk.json in this folder; choose a later --base`);
      }
      await provideModules(baseFolder, options);
      provideFleetId(baseFolder, options);
      return await bothOf(
        synthesize(baseFolder, join(scratch, 'base.out'), options).catch((error: unknown) => {
          throw error instanceof CliError ? new CliError(`the base (${base.ref}): ${error.message}`) : error;
        }),
        synthesize(folder, join(scratch, 'head.out'), options),
      );
    } finally {
      rmSync(worktree, FOR_GOOD);
      await git(folder, 'worktree', 'prune');
    }
  });
}

/** Waits for both, whatever becomes of them: one that still writes would put back what is removed afterwards. */
async function bothOf(base: Promise<Side>, head: Promise<Side>): Promise<{ before: Side; after: Side }> {
  await Promise.allSettled([base, head]);
  return { before: await base, after: await head };
}

const FOR_GOOD = { recursive: true, force: true, maxRetries: 10 };

async function inScratch<Result>(work: (scratch: string) => Promise<Result>): Promise<Result> {
  const scratch = mkdtempSync(join(tmpdir(), `fleet-review-${process.pid}-`));
  try {
    return await work(scratch);
  } finally {
    rmSync(scratch, FOR_GOOD);
  }
}

/** What reviews of this repository have left that were killed. */
async function removeAbandoned(folder: string): Promise<void> {
  const worktrees = await git(folder, 'worktree', 'list', '--porcelain');
  for (const [, worktree = '', pid] of worktrees.matchAll(/^worktree (.+[/\\]fleet-review-(\d+)-\w+[/\\]base)$/gm)) {
    if (isRunning(Number(pid))) continue;
    rmSync(dirname(worktree), FOR_GOOD);
    // Twice: it is locked where the one that made it was killed meanwhile. Another review may be faster.
    await git(folder, 'worktree', 'remove', '--force', '--force', worktree).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it is somebody else's
  }
}

/** The packages of the folder serve its base as well, unless they are others. */
async function provideModules(baseFolder: string, { folder, onNote, signal }: SynthesisOptions): Promise<void> {
  if (textIn(baseFolder, LOCK) !== textIn(folder, LOCK)) {
    onNote(`${LOCK} is not that of the base: installing the base's packages (npm ci) ...`);
    return run('npm ci --no-audit --no-fund --loglevel=error', baseFolder, process.env, signal);
  }
  for (const modules of MODULES) {
    if (existsSync(join(folder, modules))) symlinkSync(join(folder, modules), join(baseFolder, modules), 'junction');
  }
}

/** Before it is committed, the base has none; it would get another one, which says nothing of the change. */
function provideFleetId(baseFolder: string, { folder, fleetDir = 'fleet' }: SynthesisOptions): void {
  const [from, to] = [join(folder, fleetDir), join(baseFolder, fleetDir)];
  if (!existsSync(from) || !existsSync(to) || existsSync(join(to, FLEET_ID_FILE))) return;
  writeFileSync(join(to, FLEET_ID_FILE), `${fleetIdOf(from)}\n`);
}

function textIn(folder: string, name: string): string {
  return existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
}

/** Starts the app as the CDK CLI does, which asks for its version, account and context first, and takes a second for it. */
async function synthesize(folder: string, outdir: string, options: SynthesisOptions): Promise<Side> {
  const { fleetDir, signal } = options;
  const { app, context } = cdkJson.parse(JSON.parse(textIn(folder, 'cdk.json')));
  const ofFleet = readFleetContext(folder, options.context);
  const env = {
    ...process.env,
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify({
      ...context,
      ...ofFleet,
      ...(fleetDir !== undefined && { fleetDir }),
      // What validation finds is reported here; it does not end the review.
      '@aws-cdk/core:failSynthOnValidationErrors': false,
    }),
  };
  await run(app, folder, env, signal);
  // As the app has taken them, which may be one of another version.
  const settings = mergedSettings(ofFleet);
  return { assembly: readAssembly(outdir, new FleetNames(settings)), settings };
}

/** Runs a command line in a shell, as the CDK CLI does with "app". */
async function run(command: string, cwd: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const child = spawn(command, { cwd, env, signal, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  child.on('error', () => undefined); // it closes all the same
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  signal.throwIfAborted();
  if (code === 0) return;
  const said = output
    .trim()
    .split('\n')
    .filter((line) => !/^\s+at |^Node\.js /.test(line));
  throw new CliError(`"${command}" ended with ${code ?? 'a signal'}: ${said.slice(-8).join(' ')}`);
}

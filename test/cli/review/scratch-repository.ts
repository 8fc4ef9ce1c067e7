import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

/** What the app is made of, and the command line; the rest of the repository plays no part in a review. */
const PARTS = [
  'bin',
  'cli',
  'aws',
  'lib',
  'lambda',
  'local',
  'policy',
  'fleet',
  'cdk.json',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

export interface Reviewed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The "app" of the repository's cdk.json: the real one, but that each commit is synthesised once for all reviews that have
 * it as their base. That has a worktree of its own, in which .git is a file.
 */
const SYNTHESIZE = `#!/bin/sh
[ -d .git ] && exec node bin/app.mjs
known="$(dirname "$0")/$(git rev-parse HEAD)"
[ -d "$known" ] && exec cp -R "$known" "$CDK_OUTDIR"
node bin/app.mjs && cp -R "$CDK_OUTDIR" "$known"
`;

/** A git repository of its own with this tree as its branch main, in which a change can be made and reviewed. */
export class ScratchRepository {
  readonly folder: string;
  readonly #scratch = mkdtempSync(join(tmpdir(), 'scratch-repository-'));
  readonly #temporary = join(this.#scratch, 'tmp');
  readonly #tools = join(this.#scratch, 'bin');

  constructor() {
    this.folder = join(this.#scratch, 'repository');
    mkdirSync(this.#temporary);
    for (const part of PARTS) {
      cpSync(part, join(this.folder, part), { recursive: true, filter: (path) => !path.endsWith('node_modules') });
    }
    // A folder of its own, since what the command and the app keep of themselves lies in it.
    const modules = join(this.folder, 'node_modules');
    mkdirSync(modules);
    for (const name of readdirSync('node_modules').filter((each) => each !== '.cache'))
      symlinkSync(resolve('node_modules', name), join(modules, name), 'junction');
    writeFileSync(join(this.folder, '.gitignore'), 'node_modules\n');
    writeFileSync(join(this.folder, 'fleet/id'), 'scratch\n'); // as a fleet has it that is deployed
    mkdirSync(this.#tools);
    this.replace('cdk.json', '"node bin/app.mjs"', JSON.stringify(this.#tool('synthesize', SYNTHESIZE)));
    this.git('init', '--quiet', '--initial-branch=main');
    this.git('add', '.');
    this.git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--message=base');
    this.#fakeNpm();
  }

  git(...args: readonly string[]): string {
    return execFileSync('git', ['-C', this.folder, ...args], { encoding: 'utf8' }).trim();
  }

  write(file: string, content: string): void {
    writeFileSync(join(this.folder, file), content);
  }

  /** @throws {Error} when the file does not hold what shall be replaced, as after a change of the app */
  replace(file: string, before: string | RegExp, after: string): void {
    const content = readFileSync(join(this.folder, file), 'utf8');
    const changed = content.replace(before, after);
    if (changed === content) throw new Error(`${file} has no ${String(before)}: adapt the test to it`);
    this.write(file, changed);
  }

  /** Takes every change back. */
  restore(): void {
    this.git('checkout', '--quiet', '.');
    this.git('clean', '--quiet', '--force');
  }

  /** Runs `fleet review` in the repository as a person would, without what takes long to check templates. */
  review(...args: readonly string[]): Promise<Reviewed> {
    return this.start(...args).finished;
  }

  /** The same, for those who do not only wait. */
  start(...args: readonly string[]): { readonly finished: Promise<Reviewed>; readonly interrupt: () => void } {
    const child = this.#spawn(process.execPath, 'bin/fleet.mjs', 'review', ...args);
    return { finished: finished(child), interrupt: () => child.kill('SIGINT') };
  }

  /** On a terminal, by the command `script` of Linux. @param said what it says before somebody types Ctrl-C */
  async interruptOnTerminal(said: string): Promise<Reviewed> {
    // exec: a shell that stays would get the Ctrl-C too, and ends with 130 whatever the review says.
    const child = this.#spawn('script', '-qec', `exec ${process.execPath} bin/fleet.mjs review`, '/dev/null');
    let output = '';
    child.stdout.on('data', (chunk) => {
      if (!output.includes(said) && (output += String(chunk)).includes(said)) child.stdin.write('\u0003');
    });
    return finished(child);
  }

  #spawn(command: string, ...args: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn(command, args, {
      cwd: this.folder,
      env: {
        ...process.env,
        CDK_VALIDATION: 'false',
        TMPDIR: this.#temporary,
        PATH: [this.#tools, process.env.PATH].join(delimiter),
      },
    });
  }

  /** What a review that was killed has left: the folder of its worktree, and what git knows of that. @param pid whose it is */
  leaveBehind(pid: number): string {
    const folder = join(this.#temporary, `fleet-review-${pid}-abcdef`);
    this.git('worktree', 'add', '--quiet', '--detach', join(folder, 'base'));
    return folder;
  }

  /** What reviews have left behind: temporary files, and worktrees besides the repository itself. */
  leftovers(): string[] {
    const worktrees = this.git('worktree', 'list', '--porcelain').match(/^worktree .*/gm) ?? [];
    // The cache of tsx is meant to stay.
    const files = readdirSync(this.#temporary).filter((name) => !name.startsWith('tsx-'));
    return [...files, ...worktrees.slice(1)];
  }

  /** How npm was called, a line each. */
  npmCalls(): string[] {
    return readFileSync(join(this.#tools, 'calls'), 'utf8').trim().split('\n');
  }

  remove(): void {
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  /** An npm that installs nothing from anywhere: it links the packages that are here, whatever the lock says. */
  #fakeNpm(): void {
    const calls = join(this.#tools, 'calls');
    this.#tool('npm', `#!/bin/sh\necho "$@" >> '${calls}'\nln -s '${resolve('node_modules')}' node_modules\n`);
  }

  /** @returns the path of the program that is made of the script */
  #tool(name: string, script: string): string {
    const path = join(this.#tools, name);
    writeFileSync(path, script, { mode: 0o755 });
    return path;
  }
}

async function finished(child: ChildProcessWithoutNullStreams): Promise<Reviewed> {
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}

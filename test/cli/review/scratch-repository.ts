import { execFileSync, spawn } from 'node:child_process';
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
[ -d .git ] && exec node --import tsx/esm bin/app.ts
known="$(dirname "$0")/$(git rev-parse HEAD)"
[ -d "$known" ] && exec cp -R "$known" "$CDK_OUTDIR"
node --import tsx/esm bin/app.ts && cp -R "$CDK_OUTDIR" "$known"
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
    symlinkSync(resolve('node_modules'), join(this.folder, 'node_modules'), 'junction');
    writeFileSync(join(this.folder, '.gitignore'), 'node_modules\n');
    writeFileSync(join(this.folder, 'fleet/id'), 'scratch\n'); // as a fleet has it that is deployed
    mkdirSync(this.#tools);
    this.replace(
      'cdk.json',
      '"node --import tsx/esm bin/app.ts"',
      JSON.stringify(this.#tool('synthesize', SYNTHESIZE)),
    );
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
    const child = spawn(process.execPath, ['--import', 'tsx', 'bin/fleet.ts', 'review', ...args], {
      cwd: this.folder,
      env: {
        ...process.env,
        CDK_VALIDATION: 'false',
        TMPDIR: this.#temporary,
        PATH: [this.#tools, process.env.PATH].join(delimiter),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const finished = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
      ([[code], stdout, stderr]) => ({ code: code as number | null, stdout, stderr }),
    );
    return { finished, interrupt: () => child.kill('SIGINT') };
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

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Finished } from './process.ts';

/** A command for the process that runs them. */
export interface Asked {
  readonly tool: 'cdk' | 'fleet';
  readonly args: readonly string[];
  readonly context: Readonly<Record<string, string>>;
  /** Where `cdk` synthesizes. */
  readonly outdir: string;
  /** All of the environment. */
  readonly env: NodeJS.ProcessEnv;
}

const MAIN = fileURLToPath(new URL('command-host-main.ts', import.meta.url));

/** Processes that wait for the next host, be it of another test file, whose modules are others: a process takes seconds to load. */
const idle = ((globalThis as { commandProcesses?: ChildProcess[] }).commandProcesses ??= []);

/** Runs `cdk` and `fleet` in one process, one command after the other. */
export class CommandHost {
  #child: ChildProcess | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** Once the commands before it have ended. @throws {Error} and ends the process after `limitMs` */
  run(asked: Omit<Asked, 'env'>, env: Readonly<Record<string, string>>, limitMs: number): Promise<Finished> {
    const run = this.#last.then(() => this.#run({ ...asked, env: { ...process.env, ...env } }, limitMs));
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #run(asked: Asked, limitMs: number): Promise<Finished> {
    const child = (this.#child ??= idle.pop() ?? fork(MAIN, { execArgv: ['--import', 'tsx'], silent: true }));
    holdOpen(child, true);
    child.send(asked);
    const said = { stdout: '', stderr: '' };
    const ended = (['stdout', 'stderr'] as const).map(
      (name) =>
        new Promise<void>((resolve) => {
          const listen = (chunk: Buffer): void => {
            said[name] += chunk.toString();
            if (!said[name].endsWith('\0')) return;
            said[name] = said[name].slice(0, -1);
            child[name]?.off('data', listen);
            resolve();
          };
          child[name]?.on('data', listen);
        }),
    );
    try {
      const signal = AbortSignal.timeout(limitMs);
      const [[code]] = (await Promise.all([once(child, 'message', { signal }), ...ended])) as [[number]];
      return { code, ...said };
    } catch (cause) {
      child.kill('SIGKILL');
      this.#child = undefined;
      const command = [asked.tool, ...asked.args].join(' ');
      throw new Error(`${command} took over ${limitMs} ms\n${said.stdout}\n${said.stderr}`, { cause });
    } finally {
      holdOpen(child, false);
    }
  }

  /** Once no command runs any more, the process is free for others. It ends with this one. */
  close(): void {
    void this.#last.then(() => {
      if (this.#child?.connected) idle.push(this.#child);
      this.#child = undefined;
    });
  }
}

/** Whether this process waits for that one. */
function holdOpen(child: ChildProcess, does: boolean): void {
  for (const handle of [child, child.channel, child.stdout as Socket | null, child.stderr as Socket | null])
    handle?.[does ? 'ref' : 'unref']();
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Finished } from './process.ts';

/** A command for the process that runs them. */
export interface Asked {
  readonly tool: 'cdk' | 'fleet';
  readonly args: readonly string[];
  readonly context: Readonly<Record<string, string>>;
  /** Where `cdk` synthesizes. */
  readonly outdir: string;
}

const MAIN = fileURLToPath(new URL('command-host-main.ts', import.meta.url));

/** Runs `cdk` and `fleet` in one process, which stays for as long as the environment does: a process of each takes seconds to load. */
export class CommandHost {
  #child: ChildProcess | undefined;
  #environment = '';
  #last: Promise<unknown> = Promise.resolve();

  /** Once the commands before it have ended. @throws {Error} and ends the process after `limitMs` */
  run(asked: Asked, env: Readonly<Record<string, string>>, limitMs: number): Promise<Finished> {
    const run = this.#last.then(() => this.#run(asked, { ...process.env, ...env }, limitMs));
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #run(asked: Asked, env: NodeJS.ProcessEnv, limitMs: number): Promise<Finished> {
    const child = this.#childIn(env);
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
      this.close();
      const command = [asked.tool, ...asked.args].join(' ');
      throw new Error(`${command} took over ${limitMs} ms\n${said.stdout}\n${said.stderr}`, { cause });
    }
  }

  /** Anew where the environment has changed, since clients of AWS read it once. */
  #childIn(env: NodeJS.ProcessEnv): ChildProcess {
    const environment = JSON.stringify(env);
    if (this.#child?.connected && environment === this.#environment) return this.#child;
    this.close();
    this.#environment = environment;
    return (this.#child = fork(MAIN, { execArgv: ['--import', 'tsx'], env, silent: true }));
  }

  close(): void {
    this.#child?.kill('SIGKILL');
  }
}

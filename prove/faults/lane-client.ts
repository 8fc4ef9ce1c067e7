import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Reply, Request } from './lane-process.ts';

const PROCESS = fileURLToPath(new URL('lane-process.ts', import.meta.url));

/** A process with a cloud of its own: the verbs of `fleet` know one AWS only. */
export class LaneClient {
  readonly #process: ChildProcess;

  /**
   * @param deployed the data folder of a deployed site
   * @param folder for its own copies of that
   */
  constructor(deployed: string, folder: string) {
    this.#process = fork(PROCESS, [deployed, folder]);
  }

  /** One request at a time. @throws {Error} when the lane could not do it, or has died */
  async ask<Kind extends Request['kind']>(
    request: Extract<Request, { kind: Kind }>,
  ): Promise<Extract<Reply, { kind: Kind }>> {
    const waiting = new AbortController();
    const { signal } = waiting;
    const died = once(this.#process, 'exit', { signal }).then(() => {
      throw new Error('a lane has died');
    });
    this.#process.send(request);
    try {
      const [reply] = (await Promise.race([once(this.#process, 'message', { signal }), died])) as [Reply];
      if (reply.kind !== request.kind)
        throw new Error(reply.kind === 'failed' ? reply.why : `it answered ${reply.kind}`);
      return reply as Extract<Reply, { kind: Kind }>;
    } finally {
      waiting.abort();
      died.catch(() => undefined);
    }
  }

  kill(): void {
    this.#process.kill();
  }
}

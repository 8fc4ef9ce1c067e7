import type { Log } from '../../log.ts';
import { isInProgress } from '../stack/stack.ts';
import { AFTER_INTERRUPTION } from './interruption.ts';
import type { Operation } from './operation.ts';

/** Runs the operations on stacks, one at a time for each stack. */
export class Engine {
  readonly #log: Log;
  readonly #running = new Map<string, { operation: Operation; ended: Promise<void> }>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Begins an operation, which sets the stack's status before this returns. */
  start(operation: Operation, work: () => Promise<void>): void {
    const { stack } = operation;
    stack.roleArn = operation.options.roleArn;
    const ended = work()
      .catch((error: unknown) => {
        if (operation.abandoned) return;
        const reason = `the local cloud failed: ${error instanceof Error ? error.message : String(error)}`;
        this.#log.warn(`stack ${stack.name}: ${error instanceof Error ? error.stack : String(error)}`);
        operation.setStackStatus(AFTER_INTERRUPTION[stack.status] ?? 'DELETE_FAILED', reason);
      })
      .then(() => {
        this.#running.delete(stack.id);
        if (!isInProgress(stack))
          this.#log.info(`stack ${stack.name}: ${stack.status}${stack.statusReason ? ` (${stack.statusReason})` : ''}`);
      });
    this.#running.set(stack.id, { operation, ended });
  }

  /** Resolves when no operation runs on the stack any more, or when the time is over. */
  async idle(stackId: string, withinMs: number): Promise<void> {
    const running = this.#running.get(stackId);
    if (!running) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, withinMs)));
    await Promise.race([running.ended, late]);
    clearTimeout(timer);
  }

  /** Stops everything where it stands, as the end of the process would. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { operation } of running) operation.abandon();
    await Promise.all(running.map(({ ended }) => ended));
  }
}

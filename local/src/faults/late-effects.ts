/** An effect that was answered for, and is not there yet. */
interface LateEffect {
  readonly service: string;
  /** How many further calls to the service do not see it. */
  calls: number;
  readonly apply: () => Promise<unknown>;
}

/** What was asked for and is not seen yet, in its order. */
export class LateEffects {
  #waiting: LateEffect[] = [];

  add(effect: LateEffect): void {
    this.#waiting.push(effect);
  }

  /** To be called before each call to a service: brings about what this call sees. */
  async beforeCall(service: string): Promise<void> {
    if (this.#waiting.length === 0) return;
    const due = this.#waiting.filter((effect) => effect.service === service && effect.calls-- <= 0);
    await this.#apply(due);
  }

  /** Brings about everything at once. */
  async settle(): Promise<void> {
    await this.#apply(this.#waiting);
  }

  async #apply(due: readonly LateEffect[]): Promise<void> {
    this.#waiting = this.#waiting.filter((effect) => !due.includes(effect));
    // What its object no longer allows, such as a detach of what is deleted by now, has nothing to change any more.
    for (const { apply } of due) await apply().catch(() => undefined);
  }
}

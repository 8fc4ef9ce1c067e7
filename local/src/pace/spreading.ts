interface Change<T> {
  /** Milliseconds since 1970. */
  readonly due: number;
  readonly before: T | undefined;
}

/** Values that the rest of AWS sees some time after they were changed. A restart forgets what still spreads. */
export class Spreading<T> {
  readonly #changes = new Map<string, Change<T>[]>();

  /** To be called before a change: the value as it stands is what will be seen for so long. Undefined when there is none yet. */
  change(key: string, before: T | undefined, milliseconds: number): void {
    if (milliseconds === 0) return;
    const due = Date.now() + milliseconds;
    this.#changes.set(key, [...this.#waiting(key), { due, before: structuredClone(before) }]);
  }

  /** What is seen now of a value that stands. */
  seen(key: string, now: T | undefined): T | undefined {
    const [oldest] = this.#waiting(key);
    return oldest ? oldest.before : now;
  }

  forget(key: string): void {
    this.#changes.delete(key);
  }

  /** Undone changes, oldest first. What comes later is seen later, also when its own lag is shorter. */
  #waiting(key: string): Change<T>[] {
    const all = this.#changes.get(key);
    if (!all) return [];
    const first = all.findIndex(({ due }) => due > Date.now());
    const waiting = first === -1 ? [] : all.slice(first);
    if (waiting.length === 0) this.#changes.delete(key);
    return waiting;
  }
}

import { deniedAction, isDenied, isNotServed } from '../terminal/error-message.ts';

/** A check looks at what is not known; that has been said already. */
class NotKnownError extends Error {}

/** What {@link Unknowns.orUndefined} gave, for checks: whichever looks at what is not known finds nothing, see {@link Unknowns.found}. */
export function needed<Answer>(answer: Answer | undefined): Answer {
  if (answer === undefined) throw new NotKnownError('a check needs what is not known');
  return answer;
}

/**
 * What cannot be known of a fleet, because AWS does not allow this user to read it, or does not serve it in this region.
 * Only for what reports: what changes something fails instead.
 */
export class Unknowns {
  readonly #whats = new Map<string, Set<string>>();

  /**
   * The answer, or undefined where it is refused. Any other failure stays one.
   *
   * @param what it would have told, as in "not known: …"
   * @param action that IAM is asked about, for services that do not name it in their refusal
   */
  async orUndefined<Answer>(what: string, asked: Promise<Answer>, action?: string): Promise<Answer | undefined> {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof NotKnownError) return undefined;
      const why = reasonOf(error, action);
      if (why === undefined) throw error;
      const whats = this.#whats.get(why) ?? new Set();
      this.#whats.set(why, whats.add(what));
      return undefined;
    }
  }

  /** What a check finds; nothing where it needs what is not known, or may not read what it asks for itself. */
  async found<Finding>(
    what: string,
    check: () => Promise<readonly Finding[]> | readonly Finding[],
  ): Promise<readonly Finding[]> {
    const checked = new Promise<readonly Finding[]>((resolve) => resolve(check()));
    return (await this.orUndefined(what, checked)) ?? [];
  }

  /** One for each thing that AWS refuses to tell. */
  get lines(): string[] {
    return [...this.#whats].map(([why, whats]) => `not known: ${[...whats].join(', ')}; ${why}`);
  }
}

function reasonOf(error: unknown, action: string | undefined): string | undefined {
  if (isDenied(error)) {
    return `AWS does not allow this user ${deniedAction(error) ?? action ?? `to read it: ${error.message}`}`;
  }
  if (isNotServed(error)) return `AWS does not serve ${action ?? 'what tells it'} here: ${error.message}`;
  return undefined;
}

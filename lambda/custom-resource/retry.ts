import { setTimeout } from 'node:timers/promises';

/** As AWS's services spell that they were asked too often. */
const THROTTLED: readonly string[] = [
  ...['Throttling', 'ThrottlingException', 'ThrottledException', 'TooManyRequestsException', 'TooManyUpdates'],
  'RequestLimitExceeded',
];

const DENIED: readonly string[] = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedException'];

/** How failures are met. */
export interface Persistence {
  /** In milliseconds since 1970. */
  readonly deadline: number;
  /** How often what is no passing failure is tried again as well. @default 0 */
  readonly furtherTries?: number;
}

/**
 * Runs work again that can be repeated, with growing pauses and jitter. A site makes all its certificates at once, at limits
 * of three writes a second (SSM) and ten (AWS IoT): whoever is throttled waits for the others, until the deadline. A new role
 * is refused for a while, until it has spread.
 *
 * @throws what the last try threw
 */
export async function persistently<Result>(
  { deadline, furtherTries = 0 }: Persistence,
  work: () => Promise<Result>,
): Promise<Result> {
  const roleHasSpread = Date.now() + 1_000 * Number(process.env.NEW_ROLE_SECONDS ?? 0);
  let tries = furtherTries;
  for (let longest = 400; ; longest = Math.min(2 * longest, 20_000)) {
    try {
      return await work();
    } catch (error) {
      const { name = '', $fault } = error as { readonly name?: string; readonly $fault?: string };
      const isPassing = THROTTLED.includes(name) || $fault === 'server' || name === 'TimeoutError';
      const until = isPassing || tries-- > 0 ? deadline : DENIED.includes(name) ? Math.min(deadline, roleHasSpread) : 0;
      if (Date.now() + longest > until) throw error;
    }
    await setTimeout(longest * (0.5 + Math.random() / 2));
  }
}

/** What a list operation was asked for: at most `limit` items, behind the one that the token names. */
export interface PageRequest {
  readonly limit: number;
  readonly token: string | undefined;
  readonly descending?: boolean;
}

/** A page, and the token of the next one; undefined when nothing is left. */
export interface Page<T> {
  readonly items: T[];
  readonly next: string | undefined;
}

/**
 * Cuts a page out of a list, ordered by a key that no two items share. The token holds the key of the last item given out
 * and not a count, so that what is deleted between two pages makes no other item drop out.
 */
export function pageOf<T>(list: Iterable<T>, key: (item: T) => string, request: PageRequest): Page<T> {
  const { limit, token, descending = false } = request;
  const direction = descending ? -1 : 1;
  const compare = (a: string, b: string): number => (a < b ? -direction : a > b ? direction : 0);
  const after = token === undefined ? undefined : Buffer.from(token, 'base64url').toString('utf8');
  const left = [...list]
    .filter((item) => after === undefined || compare(key(item), after) > 0)
    .sort((a, b) => compare(key(a), key(b)));
  const items = left.slice(0, limit);
  const last = items.at(-1);
  const more = left.length > items.length && last !== undefined;
  return { items, next: more ? Buffer.from(key(last)).toString('base64url') : undefined };
}

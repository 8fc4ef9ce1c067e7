import { invalidRequest } from './names.ts';

/** Most items of one answer; also what is given when no size is asked for (AWS does not document its default). */
const MAX_PAGE = 250;

export interface Page<T> {
  readonly items: T[];
  /** For the next call; undefined on the last page. */
  readonly next: string | undefined;
}

export interface PageRequest {
  readonly size: number | undefined;
  readonly token: string | undefined;
  readonly descending?: boolean;
}

/**
 * One page of a list, ordered by `keyOf`. The token holds the last key, so that paging goes on at the right place after items
 * were deleted in between. Throws InvalidRequest for a size or token that no page ever had.
 */
export function page<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  { size = MAX_PAGE, token, descending = false }: PageRequest,
): Page<T> {
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE)
    throw invalidRequest(`the page size must be a whole number from 1 to ${MAX_PAGE}, not ${size}`);
  const direction = descending ? -1 : 1;
  const compare = (a: string, b: string): number => (a < b ? -direction : a > b ? direction : 0);
  const after = token === undefined ? undefined : decodeToken(token);
  const keyed = [...items].map((item) => ({ item, key: keyOf(item) })).sort((a, b) => compare(a.key, b.key));
  const rest = after === undefined ? keyed : keyed.filter(({ key }) => compare(key, after) > 0);
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  return {
    items: shown.map(({ item }) => item),
    next: last !== undefined && rest.length > size ? Buffer.from(last.key).toString('base64url') : undefined,
  };
}

function decodeToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (key === '' || Buffer.from(key).toString('base64url') !== token)
    throw invalidRequest('the token is not one of a page before');
  return key;
}
